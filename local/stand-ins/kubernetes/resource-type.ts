import { text } from "./wire";
import type { Fields } from "./wire";

/** Group, version and kind, with `apiVersion` as manifests write it (`v1`, `apps/v1`). */
export interface Gvk {
  apiVersion: string;
  kind: string;
}

/** The type token in a URN: `urn:pulumi:stack::project::parent$type::name`. */
export function typeOfUrn(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

export function nameOfUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** `kubernetes:apps/v1:Deployment` to `apps/v1` and `Deployment`; the core group is written `core/v1` there. */
export function gvkOfType(type: string): Gvk {
  const [provider, groupVersion, kind] = type.split(":");
  if (provider !== "kubernetes" || !groupVersion || !kind || !groupVersion.includes("/"))
    throw new Error(`"${type}" is not the type of a Kubernetes object`);
  return { apiVersion: groupVersion.replace(/^core\//, ""), kind };
}

/** The type token of an object that says its kind. */
export function typeOf(object: Fields): string {
  const apiVersion = text(object, "apiVersion") ?? "";
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${text(object, "kind") ?? ""}`;
}

/** What the inputs say, else what the type says. */
export function gvkOf(type: string, inputs: Fields): Gvk {
  const apiVersion = text(inputs, "apiVersion");
  const kind = text(inputs, "kind");
  return apiVersion && kind ? { apiVersion, kind } : gvkOfType(type);
}

/** Why this type cannot be managed here, or undefined. */
export function unsupported(type: string, inputs: Fields): string | undefined {
  const { kind } = gvkOfType(type);
  if (type.startsWith("kubernetes:helm.sh/") || type.startsWith("kubernetes:kustomize:"))
    return `${type} is not part of the offline stand-in for pulumi-resource-kubernetes; use kubernetes.helm.v4.Chart`;
  if (kind.endsWith("List") && inputs["items"] !== undefined)
    return "list resources cannot be created directly; use the type of the items instead";
  if (kind.endsWith("Patch") && text(inputs, "kind") !== kind)
    return `${kind}: Patch resources are not part of the offline stand-in for pulumi-resource-kubernetes`;
  return undefined;
}
