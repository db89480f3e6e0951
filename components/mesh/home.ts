import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../config";
import { beforehand, type Clients, type ClusterAccess } from "../kubernetes";
import { lastingNamespace } from "../namespace";
import { injection } from "./sidecars";

/**
 * The namespace of a stack's services, whose pods get sidecars. In the mesh of another stack it is refused where no control plane
 * injects any: neither `callers` nor mutual TLS would hold for pods without.
 * @param cluster that is there already. @default one that this stack makes
 */
export function makeHome(
  { namespace: name, mesh }: Pick<Environment, "namespace" | "mesh">,
  cluster: pulumi.Output<ClusterAccess> | undefined,
  opts: pulumi.CustomResourceOptions,
): ReturnType<typeof lastingNamespace> {
  const isOfOthers = !mesh.install && cluster;
  const check = isOfOthers && beforehand("namespace/injector", cluster, (clients) => notInjected(mesh, clients));
  const hooks = check ? { beforeCreate: [check], beforeUpdate: [check] } : undefined;
  const otherwise = "Give this stack a namespace of its own";
  return lastingNamespace(
    "namespace",
    { name, key: "namespace", ...injection(mesh), cluster, otherwise },
    { ...opts, hooks },
  );
}

/** Says that no control plane of the revision injects sidecars. */
async function notInjected({ revision }: Environment["mesh"], clients: Clients): Promise<string | undefined> {
  const { AdmissionregistrationV1Api } = await import("@kubernetes/client-node");
  const api = clients(AdmissionregistrationV1Api);
  const { items } = await api.listMutatingWebhookConfiguration({ labelSelector: "app=sidecar-injector" });
  const labels = items.map(({ metadata }) => metadata?.labels ?? {});
  const revisions = labels.map((all) => all["istio.io/tag"] ?? all["istio.io/rev"] ?? "");
  if (revisions.includes(revision ?? "default")) return undefined;
  const there = [...new Set(revisions)].map((name) => (name === "default" ? "one without a name" : name)).join(", ");
  const wanted = revision === undefined ? "is not given" : `is "${revision}"`;
  const found = there === "" ? "has no control plane that gives pods sidecars" : `has these control planes: ${there}`;
  return `ftgo:mesh.revision ${wanted}, and the cluster ${found}. Its pods would take requests of everybody`;
}
