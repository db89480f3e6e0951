import { Unreachable } from "./http-client";
import { UnknownKind } from "./discovery";
import { freshName, withName } from "./naming";
import { gvkOf, nameOfUrn, typeOfUrn, unsupported } from "./resource-type";
import { annotation } from "./resource";
import type { Provider } from "./resource";
import { field, isFields, plain, text } from "./wire";
import type { Fields } from "./wire";

export interface CheckOptions {
  seed: Uint8Array;
  /** A name that the engine's own autonaming settings ask for; an empty one means that they forbid made-up names. */
  proposedName?: string;
}

export interface Failure {
  property: string;
  reason: string;
}

export interface Checked {
  inputs: Fields;
  failures: Failure[];
}

/** Validates inputs, and completes them with a name and a namespace. */
export async function check(
  provider: Provider,
  urn: string,
  inputs: { olds: Fields; news: Fields },
  options: CheckOptions,
): Promise<Checked> {
  const type = typeOfUrn(urn);
  const reason = unsupported(type, plain(inputs.news));
  if (reason) throw new Error(reason);
  const olds = Object.keys(inputs.olds).length > 0 ? plain(inputs.olds) : undefined;
  const named = withName(inputs.news, olds, () => options.proposedName ?? freshName(nameOfUrn(urn), options.seed));
  const complete = await withNamespace(provider, type, named, olds);
  return { inputs: complete, failures: findFailures(complete) };
}

function findFailures(inputs: Fields): Failure[] {
  const failures: Failure[] = [];
  for (const property of ["apiVersion", "kind"])
    if (!text(plain(inputs), property)) failures.push({ property, reason: `${property} has to be a non-empty string` });
  // It would be a broken promise here.
  if (annotation(plain(inputs), "waitFor") !== undefined)
    failures.push({
      property: 'metadata.annotations["pulumi.com/waitFor"]',
      reason: "not part of the offline stand-in for pulumi-resource-kubernetes",
    });
  const metadata = plain(inputs)["metadata"];
  if (field(metadata, "generateName") !== undefined)
    failures.push({
      property: "metadata.generateName",
      reason: "not possible with server-side apply; leave out the name",
    });
  const name = field(metadata, "name");
  if (typeof name !== "string" || name === "")
    failures.push({ property: "metadata.name", reason: "has to be a non-empty string, or be left out" });
  return failures;
}

async function withNamespace(
  provider: Provider,
  type: string,
  inputs: Fields,
  olds: Fields | undefined,
): Promise<Fields> {
  const metadata = inputs["metadata"];
  if (!isFields(metadata) || metadata["namespace"] !== undefined) return inputs;
  let namespace: string | undefined = provider.namespace;
  try {
    const { namespaced } = await provider.cluster.resource(gvkOf(type, plain(inputs)));
    if (!namespaced) return inputs;
  } catch (error) {
    // Usually a custom resource whose definition comes with this very update; most are namespaced.
    if (!(error instanceof UnknownKind || error instanceof Unreachable)) throw error;
    // Without the cluster nothing may look changed that is not.
    if (olds && error instanceof Unreachable) namespace = text(olds, "metadata", "namespace");
  }
  return namespace ? { ...inputs, metadata: { ...metadata, namespace } } : inputs;
}
