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
 * @param parent the parent's number on the host
 */
export function hostPidOfChild(parent: number, pidInNamespace: number): number | undefined {
  for (const task of readdirSync(`/proc/${parent}/task`)) {
    for (const child of (readIfThere(`/proc/${parent}/task/${task}/children`) ?? "").trim().split(" ")) {
      const numbers = /^NSpid:(.*)$/m.exec(readIfThere(`/proc/${child}/status`) ?? "")?.[1];
      if (Number(numbers?.trim().split(/\s+/).at(-1)) === pidInNamespace) return Number(child);
    }
  }
  return undefined;
}
