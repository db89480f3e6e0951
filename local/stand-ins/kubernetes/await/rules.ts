import type { Cluster } from "../cluster";
import type { Gvk } from "../resource-type";
import { isFields, list, field, text } from "../wire";
import type { Fields } from "../wire";
import { condition, failed, holds, ready, waiting } from "./verdict";
import type { Rule, Verdict } from "./verdict";
import { daemonSet, deployment, job, pod, statefulSet } from "./workloads";

const rules: Record<string, Rule> = {
  "apps/v1/Deployment": deployment,
  "apps/v1/StatefulSet": statefulSet,
  "apps/v1/DaemonSet": daemonSet,
  "batch/v1/Job": job,
  "v1/Pod": pod,
  "v1/Service": service,
  "v1/PersistentVolumeClaim": volumeClaim,
  "v1/PersistentVolume": volume,
  "v1/Namespace": namespace,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": definition,
};

/** How to tell that an object of this kind works; undefined for kinds that work as soon as they exist. */
export function ruleFor(gvk: Gvk): Rule | undefined {
  return rules[`${gvk.apiVersion}/${gvk.kind}`];
}

/**
 * Ready when it has an address, if it is of type LoadBalancer, and a ready pod behind it, if it selects any. A
 * selector that matches nothing is left alone after ten seconds, as the official provider does.
 */
async function service(object: Fields, cluster: Cluster, waitedMilliseconds: number): Promise<Verdict> {
  const type = text(object, "spec", "type") ?? "ClusterIP";
  const ingress = list(object, "status", "loadBalancer", "ingress");
  if (type === "LoadBalancer" && ingress.length === 0)
    return waiting("no address has been assigned: is there a load balancer controller in this cluster?");
  const selector = field(object, "spec", "selector");
  const selects = isFields(selector) && Object.keys(selector).length > 0;
  if (type === "ExternalName" || text(object, "spec", "clusterIP") === "None" || !selects) return ready;
  const { some, pending } = await endpointsOf(object, cluster);
  if (some) return ready;
  if (pending) return waiting("none of the selected pods is ready");
  return waitedMilliseconds < emptySelectionMilliseconds ? waiting("spec.selector matches no pod yet") : ready;
}

const emptySelectionMilliseconds = 10_000;

async function endpointsOf(object: Fields, cluster: Cluster): Promise<{ some: boolean; pending: boolean }> {
  const [name, within] = [text(object, "metadata", "name") ?? "", text(object, "metadata", "namespace") ?? "default"];
  const labelSelector = `kubernetes.io/service-name=${name}`;
  const slices = await cluster.list(`/apis/discovery.k8s.io/v1/namespaces/${within}/endpointslices`, { labelSelector });
  const endpoints = slices.flatMap((slice) => list(slice, "endpoints"));
  const living = endpoints.filter((endpoint) => field(endpoint, "conditions", "terminating") !== true);
  const isReady = living.map((endpoint) => field(endpoint, "conditions", "ready") !== false);
  return { some: isReady.includes(true), pending: isReady.includes(false) };
}

/** Ready when bound, or when it is bound only once a pod uses it. */
async function volumeClaim(object: Fields, cluster: Cluster): Promise<Verdict> {
  if (text(object, "status", "phase") === "Bound") return ready;
  const storageClass = text(object, "spec", "storageClassName");
  const found = storageClass && (await cluster.get(`/apis/storage.k8s.io/v1/storageclasses/${storageClass}`));
  if (found && text(found, "volumeBindingMode") === "WaitForFirstConsumer") return ready;
  return waiting(
    storageClass && !found ? `storage class ${storageClass} does not exist` : "no volume is bound to the claim",
  );
}

function volume(object: Fields): Verdict {
  const phase = text(object, "status", "phase") ?? "Pending";
  return ["Available", "Bound"].includes(phase) ? ready : waiting(`the volume is ${phase.toLowerCase()}`);
}

function namespace(object: Fields): Verdict {
  const phase = text(object, "status", "phase");
  return phase === "Terminating"
    ? failed("the namespace is being deleted")
    : phase === "Active"
      ? ready
      : waiting("not active yet");
}

function definition(object: Fields): Verdict {
  const names = condition(object, "NamesAccepted");
  if (text(names, "status") === "False") return failed(`names not accepted: ${text(names, "message") ?? ""}`);
  return holds(object, "Established") ? ready : waiting("the API server does not serve the kind yet");
}
