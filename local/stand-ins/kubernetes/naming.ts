import { createHash, randomBytes } from "node:crypto";
import { field, isFields, text } from "./wire";
import type { Fields } from "./wire";

/** Says that the name was made up here and may be replaced by another made-up one. */
export const autonamed = "pulumi.com/autonamed";

/** What a resource is named by in the state: `namespace/name`, or `name` when it has no namespace. */
export function idOf(object: Fields): string {
  const namespace = text(object, "metadata", "namespace");
  const name = text(object, "metadata", "name") ?? "";
  return namespace ? `${namespace}/${name}` : name;
}

export function parseId(id: string): { namespace?: string; name: string } {
  const at = id.indexOf("/");
  return at < 0 ? { name: id } : { namespace: id.slice(0, at), name: id.slice(at + 1) };
}

/** Gives an object without a name one: that of its old inputs if it was made up then too, else a new one. */
export function withName(inputs: Fields, oldInputs: Fields | undefined, fresh: () => string): Fields {
  if (field(inputs, "metadata", "name") !== undefined) return inputs;
  const name = oldInputs && isAutonamed(oldInputs) ? text(oldInputs, "metadata", "name") : undefined;
  const metadata = isFields(inputs["metadata"]) ? inputs["metadata"] : {};
  const annotations = isFields(metadata["annotations"]) ? metadata["annotations"] : {};
  return {
    ...inputs,
    metadata: { ...metadata, name: name ?? fresh(), annotations: { ...annotations, [autonamed]: "true" } },
  };
}

export function isAutonamed(object: Fields): boolean {
  return field(object, "metadata", "annotations", autonamed) === "true";
}

/** `<name>-<8 hex digits>`; the same seed gives the same name, so that what a preview shows is what an update does. */
export function freshName(logicalName: string, seed: Uint8Array): string {
  const digits = seed.length > 0 ? createHash("sha256").update(seed).digest("hex") : randomBytes(4).toString("hex");
  return `${logicalName}-${digits.slice(0, 8)}`;
}

/** Field manager of a resource whose state does not name one: the same for the life of its URN. */
export function fieldManagerFor(urn: string): string {
  return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}
