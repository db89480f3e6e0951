import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Who holds the lock of a stack, as Pulumi's file, S3 and similar backends record it. */
export interface LockHolder {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
}

/** The holders that the engine names when it refuses to start; empty when a lock is not the reason. */
export function parseLocks(stderr: string): LockHolder[] {
  if (!stderr.includes("the stack is currently locked by")) return [];
  return [...stderr.matchAll(/: created by (\S*)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, user = "", host = "", pid = "", since = ""]) => ({ user, host, pid: Number(pid), since }),
  );
}

/** Whether a lock has outlived its process for certain: the host is this one, and no Pulumi runs there under the number. */
export function isDead(
  holder: LockHolder,
  here: string = hostname(),
  runs: (pid: number) => boolean = isPulumi,
): boolean {
  return holder.host === here && !runs(holder.pid);
}

/** Numbers of processes are used again, so the name counts too where the system tells it. */
function isPulumi(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    // A process that was killed stays as a zombie (Z) until its parent asks, in containers for ever.
    const [, name, state] = /\((.*)\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return name === "pulumi" && state !== "Z" && state !== "X";
  } catch {
    return process.platform !== "linux";
  }
}

/** What to tell a person about a lock that only a person may break. */
export function describeLock(stack: string, holder: LockHolder | undefined): string {
  if (holder === undefined) return `another update of stack ${stack} is running; wait for it to end`;
  const who = `${holder.user} on ${holder.host}, process ${holder.pid}, since ${holder.since}`;
  if (holder.host === hostname()) {
    return `another update of stack ${stack} is running (${who}); wait for it to end, or stop it with \`kill -INT ${holder.pid}\``;
  }
  return [
    `stack ${stack} is locked by an update on another machine (${who})`,
    `Look there whether it still runs. Only if it does not: \`pulumi cancel --stack ${stack}\`, then try again.`,
  ].join("\n");
}
