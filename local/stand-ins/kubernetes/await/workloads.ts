import { count, field, text } from "../wire";
import type { Fields } from "../wire";
import { condition, failed, holds, ready, waiting } from "./verdict";
import type { Verdict } from "./verdict";

/** Ready when every replica is of the new kind and available, and no old one is left. */
export function deployment(object: Fields): Verdict {
  if (!isObserved(object)) return waiting("the controller has not seen the change yet");
  if (field(object, "spec", "paused") === true) return ready;
  const progressing = condition(object, "Progressing");
  if (text(progressing, "reason") === "ProgressDeadlineExceeded")
    return failed(`no progress within ${count(object, "spec", "progressDeadlineSeconds")} s (progressDeadlineSeconds)`);
  const wanted = replicas(object);
  const status = (name: string) => count(object, "status", name);
  if (status("updatedReplicas") < wanted) return waiting(`${status("updatedReplicas")} of ${wanted} new pods exist`);
  if (status("availableReplicas") < wanted)
    return waiting(`${status("availableReplicas")} of ${wanted} pods are available`);
  const old = status("replicas") - status("updatedReplicas");
  return old > 0 ? waiting(`${old} old pods have to go`) : ready;
}

/** Ready when every replica above the partition is of the new revision and all are ready. */
export function statefulSet(object: Fields): Verdict {
  if (!isObserved(object)) return waiting("the controller has not seen the change yet");
  const wanted = replicas(object);
  const readyPods = count(object, "status", "readyReplicas");
  if (readyPods < wanted) return waiting(`${readyPods} of ${wanted} pods are ready`);
  if (text(object, "spec", "updateStrategy", "type") === "OnDelete") return ready;
  const toUpdate = wanted - count(object, "spec", "updateStrategy", "rollingUpdate", "partition");
  const updated = count(object, "status", "updatedReplicas");
  return updated < toUpdate ? waiting(`${updated} of ${toUpdate} pods are of the new revision`) : ready;
}

/** Ready when every node that should run a pod runs a new and available one. */
export function daemonSet(object: Fields): Verdict {
  if (!isObserved(object)) return waiting("the controller has not seen the change yet");
  const wanted = count(object, "status", "desiredNumberScheduled");
  const updated = count(object, "status", "updatedNumberScheduled");
  const available = count(object, "status", "numberAvailable");
  if (text(object, "spec", "updateStrategy", "type") !== "OnDelete" && updated < wanted)
    return waiting(`${updated} of ${wanted} pods are of the new revision`);
  return available < wanted ? waiting(`${available} of ${wanted} pods are available`) : ready;
}

/** Ready when the pod is, or when it has ended well. */
export function pod(object: Fields): Verdict {
  const phase = text(object, "status", "phase") ?? "Pending";
  if (phase === "Succeeded" || holds(object, "Ready")) return ready;
  return phase === "Failed" ? failed("the pod has failed") : waiting(`the pod is ${phase.toLowerCase()} and not ready`);
}

/** Ready when it has completed. */
export function job(object: Fields): Verdict {
  if (holds(object, "Complete")) return ready;
  const failure = condition(object, "Failed");
  if (text(failure, "status") === "True")
    return failed(`${text(failure, "reason") ?? "Failed"}: ${text(failure, "message") ?? ""}`);
  return field(object, "spec", "suspend") === true ? ready : waiting("the job has not completed");
}

function replicas(object: Fields): number {
  const wanted = field(object, "spec", "replicas");
  return typeof wanted === "number" ? wanted : 1;
}

function isObserved(object: Fields): boolean {
  return count(object, "status", "observedGeneration") >= count(object, "metadata", "generation");
}
