import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { LocalError } from "../errors";
import { readIfThere } from "../files";
import { projectPaths } from "../paths";
import { isAlive } from "../processes";
import { lastLines } from "../run";
import { controlPlaneNames, logFile } from "./command-lines";
import type { ProcessState } from "./state";
import { readState } from "./state";

export interface ProcessStatus {
  name: string;
  state: "running" | "stopped" | "crashed";
  /** On the host; only of a running process. */
  pid?: number;
  /** ISO time at which it got into this state. */
  since?: string;
  /** How it ended and the end of its log; only of a crashed process. */
  logTail?: string;
}

export interface ClusterStatus {
  /** All processes run. */
  running: boolean;
  processes: ProcessStatus[];
  /** URL of the API server on this host; only while it is served. */
  apiServer?: string;
  /** URL of the gateway on this host; only where applications run. */
  gateway?: string;
  /** Path of the kubeconfig for this host. */
  kubeconfig: string;
}

const tailLines = 20;

/** How the cluster fares, process by process. */
export function status(projectDir: string): Promise<ClusterStatus> {
  const paths = projectPaths(projectDir);
  const state = readState(paths);
  const alive = isAlive(state?.supervisor);
  const known = state?.processes ?? [];
  const missing = controlPlaneNames.filter((name) => !known.some((process) => process.name === name));
  const processes = [
    ...known.map((process) => describe(process, alive && state?.phase !== "stopping", logFile(paths, process.name))),
    ...missing.map((name): ProcessStatus => ({ name, state: "stopped" })),
  ];
  return Promise.resolve({
    running: alive && state?.phase === "running" && processes.every((process) => process.state === "running"),
    processes,
    apiServer: alive && state ? `https://127.0.0.1:${state.ports.api}` : undefined,
    gateway: alive ? readIfThere(paths.gatewayUrl)?.trim() : undefined,
    kubeconfig: paths.kubeconfig,
  });
}

/** @param shouldRun whether somebody keeps it running, so that its end is a crash even before that one has written it down */
function describe(process: ProcessState, shouldRun: boolean, log: string): ProcessStatus {
  const { name, id, since, end = "ended" } = process;
  if (process.state === "running" && isAlive(id)) return { name, state: "running", since, pid: id?.pid };
  if (process.state === "crashed" || (process.state === "running" && shouldRun))
    return { name, state: "crashed", since, logTail: `${end}\n${lastLines(readIfThere(log) ?? "", tailLines)}` };
  return { name, state: "stopped", since }; // also when the whole cluster was killed, or the machine switched off
}

/**
 * The end of a log, or of all logs.
 * @param processName as in the status, or its beginning, e.g. `istiod`
 * @param lines of each log. @default 50
 */
export function logs(projectDir: string, processName?: string, lines = 50): string {
  const { logs: folder } = projectPaths(projectDir);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".log")) : [];
  const chosen = names.filter((name) => processName === undefined || name.startsWith(processName)).sort();
  if (chosen.length === 0) {
    const have = names.map((name) => basename(name, ".log")).join(", ") || "none yet";
    throw new LocalError(`There is no log ${processName ? `of "${processName}"` : "yet"}. Logs: ${have}.`);
  }
  const text = (name: string) => lastLines(readIfThere(join(folder, name)) ?? "", lines);
  if (chosen.length === 1) return text(chosen[0] ?? "");
  return chosen.map((name) => `==> ${basename(name, ".log")} <==\n${text(name)}`).join("\n\n");
}
