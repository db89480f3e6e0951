import { readdirSync } from "node:fs";
import { readIfThere } from "./files";

/** A process that can be told from a later one with the same number. */
export interface ProcessId {
  pid: number;
  /** Clock ticks from boot to its start. */
  startTime: number;
}

/** Identifies a running process of this host; undefined when there is none, or only its exit status is left. */
export function identify(pid: number): ProcessId | undefined {
  // After the command's name, which may contain anything, come the state (field 3) and 18 fields on, the start time (22).
  const fields = readIfThere(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  const startTime = Number(fields?.[19]);
  if (!fields || fields[0] === "Z" || !Number.isFinite(startTime)) return undefined;
  return { pid, startTime };
}

/** Whether that very process still runs. */
export function isAlive(process: ProcessId | undefined): boolean {
  return process !== undefined && identify(process.pid)?.startTime === process.startTime;
}

/**
 * The host's number of a child that is known by its number in a PID namespace.
 *
 * The kernel's own list of children, /proc/<pid>/task/<tid>/children, may leave some out while another one ends.
 * @param parent the parent's number on the host
 */
export function hostPidOfChild(parent: number, pidInNamespace: number): number | undefined {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).find((pid) => {
    const status = readIfThere(`/proc/${pid}/status`) ?? "";
    const numbers = /^NSpid:(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/);
    return new RegExp(`^PPid:\\s*${parent}$`, "m").test(status) && Number(numbers?.at(-1)) === pidInNamespace;
  });
}
