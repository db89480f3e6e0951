export { start, type StartOptions, startTools, trafficTools } from "./start";
export type { ClusterStatus, ProcessStatus } from "./status";
export { logs, status } from "./status";
export { stop } from "./stop";
