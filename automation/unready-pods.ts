import type { Environment } from "../components/config";
import type { Cluster, KubernetesObject } from "./cluster";

/** Waiting reasons of a container that is simply starting. */
const starting = ["ContainerCreating", "PodInitializing"];

/** As `unreadyPods`, of all that a stack runs, the control plane among it. */
export async function readUnreadyPods({ namespace, mesh }: Environment, cluster: Cluster): Promise<string[]> {
  const pods = await Promise.all([mesh.namespace, namespace].map((home) => cluster.get(["pods"], home)));
  return unreadyPods(pods.flat());
}

/**
 * What keeps pods from being ready, a line each: pod, container, reason, and Kubernetes' own message. Pods with one owner share
 * their template and so the reason: one of them is named. One that has failed for good counts only where no other has followed.
 */
export function unreadyPods(pods: readonly KubernetesObject[]): string[] {
  const families = new Map<string, KubernetesObject[]>();
  for (const pod of pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) {
    const owner = pod.metadata.ownerReferences?.[0]?.uid ?? pod.metadata.name;
    families.set(owner, [...(families.get(owner) ?? []), pod]);
  }
  return [...families.values()].flatMap((family) => {
    const trying = family.filter((pod) => statusOf(pod).phase !== "Failed");
    const unready = (trying.length > 0 ? trying : family).find((pod) => !isWell(statusOf(pod)));
    return unready === undefined ? [] : problemsOf(unready);
  });
}

function statusOf({ status = {} }: KubernetesObject): PodStatus {
  return status as PodStatus;
}

function isWell({ phase, conditions = [] }: PodStatus): boolean {
  return phase === "Succeeded" || conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

function problemsOf(of: KubernetesObject): string[] {
  const { name } = of.metadata;
  const pod = statusOf(of);
  const { phase = "Pending", reason, message, conditions = [] } = pod;
  const unscheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled !== undefined) return [`pod ${name}: ${said(unscheduled.reason, unscheduled.message)}`];
  const containers = [...(pod.initContainerStatuses ?? []), ...(pod.containerStatuses ?? [])];
  const problems = containers.flatMap((container) => {
    const problem = problemOf(container);
    return problem === undefined ? [] : [`pod ${name} container ${container.name}: ${problem}`];
  });
  if (problems.length > 0) return problems;
  if (reason !== undefined) return [`pod ${name}: ${said(reason, message)}`];
  const unready = conditions.find(({ type, status }) => type === "ContainersReady" && status === "False");
  const why = [unready?.message ?? `is ${phase.toLowerCase()} and not ready`, ...lateProbes(of)];
  return [`pod ${name}: ${why.join("; ")}`];
}

/** Containers that run and are not asked yet whether they are ready: nobody has to wonder what is wrong with them. */
function lateProbes(of: KubernetesObject): string[] {
  const { containers = [] } = (of.spec ?? {}) as PodSpec;
  const { containerStatuses = [] } = statusOf(of);
  return containers.flatMap(({ name, readinessProbe: { initialDelaySeconds: delay = 0 } = {} }) => {
    const { startedAt = "" } = containerStatuses.find((each) => each.name === name)?.state?.running ?? {};
    const isLate = Date.now() < Date.parse(startedAt) + delay * 1000;
    return isLate ? [`${name} is asked whether it is ready from ${delay} s after its start on`] : [];
  });
}

function problemOf({ state, lastState }: ContainerStatus): string | undefined {
  const { reason, message } = state?.waiting ?? {};
  if (reason === undefined || starting.includes(reason)) return endOf(state?.terminated);
  const last = endOf(lastState?.terminated);
  return said(reason, message, last && `last run: ${last}`);
}

/** How a container ended, unless it ended well. */
function endOf(terminated: Terminated | undefined): string | undefined {
  if (terminated === undefined || terminated.exitCode === 0) return undefined;
  return said(`${terminated.reason ?? "Error"}, exit code ${terminated.exitCode}`, terminated.message);
}

function said(...parts: (string | undefined)[]): string {
  const given = parts.filter((part) => part).join(": ");
  return given.trim().replace(/\s*\n\s*/g, " ");
}

interface PodSpec {
  readonly containers?: readonly {
    readonly name: string;
    readonly readinessProbe?: { readonly initialDelaySeconds?: number };
  }[];
}

interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: State;
  readonly lastState?: State;
}

interface State {
  readonly running?: { readonly startedAt?: string };
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: Terminated;
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}
