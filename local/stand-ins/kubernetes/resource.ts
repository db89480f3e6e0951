import type { Cluster } from "./cluster";
import { fieldManagerFor } from "./naming";
import { gvkOf, typeOfUrn } from "./resource-type";
import type { Gvk } from "./resource-type";
import type { Settings } from "./settings";
import { fieldManagerIn, withServerNames } from "./state";
import { field, isFields, omit, plain, text } from "./wire";
import type { Fields } from "./wire";

/** What every operation of a configured provider needs. */
export interface Provider {
  settings: Settings;
  cluster: Cluster;
  /** Namespace of namespaced objects that name none. */
  namespace: string;
  /** Aborted when the person presses Ctrl-C: waits end, requests are finished. */
  cancelled: AbortSignal;
  status: (text: string, urn: string) => void;
  /** Shows a line once, however many resources it is true of. */
  warn: (text: string) => void;
}

/** The object exists, but not as it should: the state keeps it, and the next update looks at it again. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly state: Fields,
    readonly inputs: Fields | undefined,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}

/** Inputs in the form that the API server takes, and what they are. */
export interface Subject {
  gvk: Gvk;
  object: Fields;
  namespace?: string;
  name: string;
}

export function subjectOf(urn: string, inputs: Fields): Subject {
  const type = typeOfUrn(urn);
  const object = withServerNames(plain(inputs));
  const gvk = gvkOf(type, object);
  return {
    gvk,
    object: { ...object, apiVersion: gvk.apiVersion, kind: gvk.kind },
    namespace: text(object, "metadata", "namespace"),
    name: text(object, "metadata", "name") ?? "",
  };
}

/** The object without a namespace, for kinds that have none. */
export function withoutNamespace(object: Fields): Fields {
  if (!isFields(object["metadata"])) return object;
  return { ...object, metadata: omit(object["metadata"], "namespace") };
}

export function annotation(object: Fields, name: string): string | undefined {
  return text(object, "metadata", "annotations", `pulumi.com/${name}`);
}

export function isAnnotated(object: Fields, name: string): boolean {
  return field(object, "metadata", "annotations", `pulumi.com/${name}`) === "true";
}

export function fieldManagerOf(urn: string, object: Fields, state: Fields): string {
  return annotation(object, "patchFieldManager") ?? fieldManagerIn(state) ?? fieldManagerFor(urn);
}

/** Seconds to wait: what the resource's `customTimeouts` say, else its annotation, else ten minutes. */
export function timeoutOf(requested: number, object: Fields): number {
  const annotated = Number(annotation(object, "timeoutSeconds") ?? Number.NaN);
  return requested > 0 ? requested : Number.isInteger(annotated) && annotated > 0 ? annotated : 600;
}
