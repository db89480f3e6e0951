/*
 * The embedded default: what stack local runs on, on a machine without a cloud, Docker or root. See README.md here.
 * Nothing of ours outside this folder is imported; nothing but the commands of `automation/`, tests and benchmarks imports it.
 */
export { bringUp } from "./bring-up";
export type { ClusterStatus, ProcessStatus } from "./cluster";
export { logs, start, type StartOptions, startTools, status, stop, trafficTools } from "./cluster";
export type { Finding } from "./diagnose";
export { diagnose } from "./diagnose";
export { environment, obtainShellTools } from "./environment";
export { LocalError } from "./errors";
export { type Answer, Load, type LoadArgs, type Sent } from "./load";
export type { Report } from "./report";
export type { Variables } from "./run";
export { prepareStack } from "./stack";
export type { ToolName } from "./tools";
export { ensureTools, toolNames } from "./tools";
