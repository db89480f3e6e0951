import type { KubernetesObject } from "./kubectl";

/** Waiting reasons of a container that is simply starting. */
const starting = ["ContainerCreating", "PodInitializing"];

/**
 * What keeps pods from being ready, a line each: pod, container, reason, and Kubernetes' own message. Pods with one owner share
 * their template and so the reason: the first of them is named.
 */
export function unreadyPods(pods: readonly KubernetesObject[]): string[] {
  const firsts = new Map<string, KubernetesObject>();
  for (const pod of pods.filter((pod) => !isWell(pod))) {
    const owner = pod.metadata.ownerReferences?.[0]?.uid ?? pod.metadata.name;
    if (!firsts.has(owner)) firsts.set(owner, pod);
  }
  return [...firsts.values()].flatMap(problemsOf);
}

function isWell({ metadata, status }: KubernetesObject): boolean {
  const { phase, conditions = [] } = (status ?? {}) as PodStatus;
  const isReady = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  return metadata.deletionTimestamp !== undefined || phase === "Succeeded" || isReady;
}

function problemsOf({ metadata, status }: KubernetesObject): string[] {
  const pod = `pod ${metadata.name}`;
  const { phase = "Pending", reason, message, conditions = [], ...statuses } = (status ?? {}) as PodStatus;
  const unscheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled !== undefined) return [`${pod}: ${said(unscheduled.reason, unscheduled.message)}`];
  const containers = [...(statuses.initContainerStatuses ?? []), ...(statuses.containerStatuses ?? [])];
  const problems = containers.flatMap((container) => {
    const problem = problemOf(container);
    return problem === undefined ? [] : [`${pod} container ${container.name}: ${problem}`];
  });
  if (problems.length > 0) return problems;
  if (reason !== undefined) return [`${pod}: ${said(reason, message)}`];
  const unready = conditions.find(({ type, status }) => type === "ContainersReady" && status === "False");
  return [`${pod}: ${unready?.message ?? `is ${phase.toLowerCase()} and not ready`}`];
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
  return parts.filter((part) => part).join(": ");
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
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: Terminated;
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}
