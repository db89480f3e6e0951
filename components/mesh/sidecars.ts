import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { MeshConfig } from "../config";

/** Annotation of a namespace and of its pods: the control plane and the version that their sidecars are from. */
const sidecars = "ftgo/sidecars";

/** What a namespace says so that its pods get sidecars, and from whom. */
export function injection({ revision, version }: Pick<MeshConfig, "revision" | "version">) {
  const labels: Record<string, string> = revision ? { "istio.io/rev": revision } : { "istio-injection": "enabled" };
  return { labels, annotations: { [sidecars]: revision ? `${revision} ${version}` : version } };
}

/** Whether a namespace with these labels gets sidecars, of whatever control plane. */
export function isInjected(labels: Readonly<Record<string, string>>): boolean {
  return labels["istio-injection"] === "enabled" || "istio.io/rev" in labels;
}

/** What is looked at in a namespace. */
export interface NamespaceMetadata {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The control plane that a namespace was made for. Its label says it too, but that is what people change by hand, and a refresh takes
 * their change for what was.
 */
export function injectorOf(metadata?: NamespaceMetadata): Pick<MeshConfig, "revision" | "version"> | undefined {
  const [version, revision] = metadata?.annotations?.[sidecars]?.split(" ").reverse() ?? [];
  return version === undefined ? undefined : { version, ...(revision !== undefined && { revision }) };
}

/**
 * Annotations of pods, which roll them into their sidecars, and from one control plane to the next. They are taken from the
 * namespace as it is, not from config: in an update of single services it may still belong to the control plane before.
 */
export function injectedBy(namespace: k8s.core.v1.Namespace): Record<string, pulumi.Output<string>> {
  return { [sidecars]: namespace.metadata.annotations.apply((annotations) => annotations[sidecars] ?? "") };
}
