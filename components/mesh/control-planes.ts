import type * as pulumi from "@pulumi/pulumi";
import type { Clients } from "../beforehand";
import type { MeshConfig } from "../config";
import { injection, injectorOf, type NamespaceMetadata } from "./sidecars";

/**
 * Says that no control plane of the revision, which another stack installs, injects sidecars: neither `callers` nor mutual TLS
 * would hold for pods without.
 */
export async function notInjected(
  { revision }: Pick<MeshConfig, "revision">,
  clients: Clients,
): Promise<string | undefined> {
  const { AdmissionregistrationV1Api } = await import("@kubernetes/client-node");
  const api = clients(AdmissionregistrationV1Api);
  const { items } = await api.listMutatingWebhookConfiguration({ labelSelector: "app=sidecar-injector" });
  const labels = items.map(({ metadata }) => metadata?.labels ?? {});
  const revisions = labels.map((all) => all["istio.io/tag"] ?? all["istio.io/rev"] ?? "");
  if (revisions.includes(revision ?? "default")) return undefined;
  const wanted = revision === undefined ? "is not given" : `is "${revision}"`;
  const there = [...new Set(revisions)].map((name) => (name === "default" ? "one without a revision" : `"${name}"`));
  const found = there.length === 0 ? "the cluster has none at all" : `there is ${there.join(", ")}`;
  const why = "Pods of this stack would start without sidecars, and take requests of everybody";
  return `ftgo:mesh.revision ${wanted}, and no control plane of the cluster is of it: ${found}. ${why}`;
}

/** Says that other namespaces have sidecars of a control plane that goes when this stack changes to another. */
export async function leftBehind(
  clients: Clients,
  { oldInputs, newInputs }: pulumi.ResourceHookArgs,
): Promise<string | undefined> {
  const [old, own] = [oldInputs, newInputs].map((inputs) => inputs?.["metadata"] as NamespaceMetadata | undefined);
  const before = injectorOf(old);
  if (before === undefined || before.revision === injectorOf(own)?.revision) return undefined;
  const { CoreV1Api } = await import("@kubernetes/client-node");
  const labelSelector = Object.entries(injection(before).labels)
    .map((label) => label.join("="))
    .join();
  const { items } = await clients(CoreV1Api).listNamespace({ labelSelector });
  const others = items.map(({ metadata }) => metadata?.name).filter((name) => name !== own?.name);
  if (others.length === 0) return undefined;
  return (
    `ftgo:mesh.revision changes, and the control plane before would go, which namespaces of others have sidecars of: ` +
    `${others.join(", ")}. Change ftgo:mesh.version alone: it takes the place of the one that runs`
  );
}
