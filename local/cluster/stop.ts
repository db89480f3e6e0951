import { LocalError } from "../errors";
import { withLock } from "../lock";
import type { ProjectPaths } from "../paths";
import { projectPaths } from "../paths";
import { isAlive } from "../processes";
import type { Report } from "../report";
import { seconds } from "../report";
import { poll } from "../wait";
import { liveState, readState, writeState } from "./state";

const orderlyLimit = 40_000;
const killLimit = 10_000;

/** Stops the cluster: nothing of it is left behind, nothing that it held is lost. Does nothing when it does not run. */
export async function stop(projectDir: string, report: Report): Promise<void> {
  const paths = projectPaths(projectDir);
  if (!readState(paths)) return;
  const onWait = () => report("Another command is starting or stopping the cluster: waiting for it.");
  await withLock(paths.lock, "stopping the cluster", onWait, () => stopCluster(paths, report));
}

/** The same for one who holds the lock. */
export async function stopCluster(paths: ProjectPaths, report: Report): Promise<void> {
  const state = liveState(paths);
  if (!state) return;
  const begin = Date.now();
  report("Stopping the local cluster …");
  const { supervisor } = state;
  const gone = () => !isAlive(supervisor);
  signal(supervisor.pid, "SIGTERM");
  if (!(await poll(gone, orderlyLimit))) {
    report("It did not stop in time and is killed; what it held is safe on disk.");
    signal(supervisor.pid, "SIGKILL"); // its namespace of processes goes with it
    if (!(await poll(gone, killLimit))) throw new LocalError(`Process ${supervisor.pid} cannot be killed.`);
  }
  const last = readState(paths) ?? state;
  const left = last.processes.filter((process) => isAlive(process.id));
  if (left.length > 0)
    throw new LocalError(`Left behind: ${left.map((process) => `${process.name} (${process.id?.pid})`).join(", ")}`);
  // A killed supervisor could not write down that it stopped.
  writeState(paths, {
    ...last,
    phase: "stopped",
    processes: last.processes.map((process) =>
      process.state === "running" ? { ...process, state: "stopped" } : process,
    ),
  });
  report(`It took ${seconds(Date.now() - begin)}.`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has gone meanwhile
  }
}
