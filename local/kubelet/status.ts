import type { Condition, ContainerStatus, Pod } from "./pod";
import { isSidecar } from "./pod";

/** The status of a pod as a kubelet writes it. */
export function podStatus(pod: Pod, address: string, statuses: readonly ContainerStatus[], now = new Date()): object {
  const { initContainers = [], containers, readinessGates = [] } = pod.spec;
  const byName = new Map(statuses.map((status) => [status.name, status]));
  const of = (names: readonly { name: string }[]) => names.flatMap(({ name }) => byName.get(name) ?? []);
  const waiting = initContainers.filter((each) => {
    const status = byName.get(each.name);
    return isSidecar(each) ? !status?.started : status?.state.terminated?.exitCode !== 0;
  });
  const unready = [...of(initContainers.filter(isSidecar)), ...of(containers)].filter(({ ready }) => !ready);
  const isReady = waiting.length === 0 && unready.length === 0;
  const names = (list: readonly { name: string }[]) => `[${list.map(({ name }) => name).join(" ")}]`;
  const ready = (type: string): Condition =>
    isReady
      ? { type, status: "True" }
      : {
          type,
          status: "False",
          reason: "ContainersNotReady",
          message: `containers with unready status: ${names(unready)}`,
        };
  const initialized: Condition =
    waiting.length === 0
      ? { type: "Initialized", status: "True" }
      : {
          type: "Initialized",
          status: "False",
          reason: "ContainersNotInitialized",
          message: `containers with incomplete status: ${names(waiting)}`,
        };
  const conditions = [
    { type: "PodReadyToStartContainers", status: "True" },
    initialized,
    ready("Ready"),
    ready("ContainersReady"),
    ...readinessGates.map(({ conditionType }) => ({ type: conditionType, status: "True" })),
  ];
  const before = pod.status.conditions ?? [];
  const others = before.filter(({ type }) => !conditions.some((condition) => condition.type === type));
  const runs = of(containers).some(({ state }) => state.running ?? state.terminated);
  return {
    phase: waiting.length === 0 && runs ? "Running" : "Pending",
    startTime: pod.status.startTime ?? now.toISOString(),
    hostIP: pod.status.hostIP,
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: [...others, ...conditions.map((condition) => since(condition, before, now))],
    initContainerStatuses: of(initContainers),
    containerStatuses: of(containers),
  };
}

/** A condition keeps the time at which it got its status. */
function since(condition: Condition, before: readonly Condition[], now: Date): Condition {
  const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
  return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? now.toISOString() };
}
