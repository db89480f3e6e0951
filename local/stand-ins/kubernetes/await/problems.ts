import type { Cluster } from "../cluster";
import { count, field, isFields, list, text } from "../wire";
import type { Fields, Value } from "../wire";
import { condition, holds } from "./verdict";

/** Most problems of the same kind say the same; a person needs a few. */
const shown = 5;
/** Waiting reasons of a container that is simply starting. */
const starting = ["ContainerCreating", "PodInitializing"];

/** What stands in an object's way, each as one line that names the pod and the reason. Never throws. */
export async function problemsOf(object: Fields, cluster: Cluster): Promise<string[]> {
  try {
    const pods = await podsOf(object, cluster);
    const unready = pods.filter((pod) => !isWell(pod));
    const lines: string[] = [];
    for (const pod of unready.slice(0, shown)) lines.push(...(await problemsOfPod(pod, cluster)));
    if (unready.length > shown) lines.push(`and ${unready.length - shown} more pods`);
    if (lines.length > 0) return lines;
    const failure = condition(object, "ReplicaFailure");
    if (text(failure, "status") === "True")
      return [`${text(failure, "reason") ?? "ReplicaFailure"}: ${text(failure, "message") ?? ""}`];
    const warning = await cluster.warningAbout(object);
    return warning ? [warning] : [];
  } catch {
    return []; // the wait has its own words; this only adds to them
  }
}

function isWell(pod: Value): boolean {
  return field(pod, "metadata", "deletionTimestamp") !== undefined || holds(pod, "Ready");
}

/** Pods that a workload owns, newest first; the pod itself for a pod. */
async function podsOf(object: Fields, cluster: Cluster): Promise<Value[]> {
  if (text(object, "kind") === "Pod") return [object];
  const labels = field(object, "spec", "selector", "matchLabels");
  if (!isFields(labels)) return [];
  const labelSelector = Object.keys(labels)
    .map((key) => `${key}=${text(labels, key) ?? ""}`)
    .join(",");
  const namespace = text(object, "metadata", "namespace") ?? "default";
  const pods = await cluster.list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector });
  const created = (pod: Value) => text(pod, "metadata", "creationTimestamp") ?? "";
  return pods.filter((pod) => isOwnedBy(pod, object)).sort((a, b) => created(b).localeCompare(created(a)));
}

/** A Deployment owns its pods through ReplicaSets, which are named after it. */
function isOwnedBy(pod: Value, owner: Fields): boolean {
  const name = text(owner, "metadata", "name") ?? "";
  return list(pod, "metadata", "ownerReferences").some((reference) => {
    if (text(owner, "kind") !== "Deployment") return text(reference, "uid") === text(owner, "metadata", "uid");
    const replicaSet = text(reference, "name") ?? "";
    return replicaSet.startsWith(`${name}-`) && !replicaSet.slice(name.length + 1).includes("-");
  });
}

async function problemsOfPod(pod: Value, cluster: Cluster): Promise<string[]> {
  const name = `pod ${text(pod, "metadata", "name") ?? ""}`;
  const scheduled = condition(pod, "PodScheduled");
  if (text(scheduled, "status") === "False")
    return [`${name}: ${text(scheduled, "reason") ?? "Unschedulable"}: ${text(scheduled, "message") ?? ""}`];
  const statuses = [...list(pod, "status", "initContainerStatuses"), ...list(pod, "status", "containerStatuses")];
  const lines = statuses.flatMap((status) => {
    const problem = problemOfContainer(status);
    return problem ? [`${name} container ${text(status, "name") ?? ""}: ${problem}`] : [];
  });
  if (lines.length > 0) return lines;
  const reason = text(pod, "status", "reason");
  if (reason) return [`${name}: ${reason}: ${text(pod, "status", "message") ?? ""}`];
  const warning = await cluster.warningAbout(pod);
  if (warning) return [`${name}: ${warning}`];
  const unready = condition(pod, "ContainersReady") ?? condition(pod, "Ready");
  const why =
    text(unready, "message") ?? `it is ${(text(pod, "status", "phase") ?? "Pending").toLowerCase()} and not ready`;
  return [`${name}: ${why}`];
}

function problemOfContainer(status: Value): string | undefined {
  const reason = text(status, "state", "waiting", "reason");
  if (reason && !starting.includes(reason)) {
    const last = endOf(field(status, "lastState", "terminated"));
    const message = text(status, "state", "waiting", "message");
    return [reason, message, last && `last run: ${last}`].filter((part) => part).join(": ");
  }
  return endOf(field(status, "state", "terminated"));
}

/** How a container ended, unless it ended well. */
function endOf(terminated: Value | undefined): string | undefined {
  const code = count(terminated, "exitCode");
  if (terminated === undefined || code === 0) return undefined;
  const message = text(terminated, "message");
  return `${text(terminated, "reason") ?? "Error"}, exit code ${code}${message ? `: ${message}` : ""}`;
}
