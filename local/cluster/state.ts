import { readJson, writeWhole } from "../files";
import type { ProjectPaths } from "../paths";
import type { ProcessId } from "../processes";
import { isAlive } from "../processes";

/** How one process fares. */
export interface ProcessState {
  name: string;
  state: "running" | "stopped" | "crashed";
  /** The process on the host; kept when it has ended. */
  id?: ProcessId;
  /** ISO time at which it got into this state. */
  since: string;
  /** How it ended by itself, e.g. `exit code 1`. */
  end?: string;
}

/** Ports on 127.0.0.1 of the host. */
export interface Ports {
  /** Leads to the API server. */
  api: number;
  /** Leads to the Service that is open to the outside. */
  wayIn: number;
}

/** What the supervisor writes down at every change: the truth about a running cluster, and how the last one ended. */
export interface ClusterState {
  /** The supervisor on the host. */
  supervisor: ProcessId;
  phase: "starting" | "running" | "stopping" | "failed" | "stopped";
  ports: Ports;
  /** Whether FTGO's applications and their sidecars run. */
  traffic: boolean;
  /** Why the phase is "failed". */
  failure?: string;
  processes: ProcessState[];
}

export function readState(paths: ProjectPaths): ClusterState | undefined {
  return readJson<ClusterState>(paths.state);
}

export function writeState(paths: ProjectPaths, state: ClusterState): void {
  writeWhole(paths.state, `${JSON.stringify(state, null, 2)}\n`);
}

/** The state of a cluster whose supervisor is alive; what a dead one left behind counts for nothing. */
export function liveState(paths: ProjectPaths): ClusterState | undefined {
  const state = readState(paths);
  return state && isAlive(state.supervisor) ? state : undefined;
}
