import { readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Who holds the lock of a stack, as Pulumi's file, S3 and similar backends record it. */
export interface LockHolder {
  /** Where the lock is, such as `file:///…/1.json`. */
  readonly url: string;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
}

/** The holders that the engine names when it refuses to start; empty when a lock is not the reason. */
export function parseLocks(stderr: string): LockHolder[] {
  if (!stderr.includes("the stack is currently locked by")) return [];
  return [...stderr.matchAll(/^\s*(.*): created by (\S*)@(\S+) \(pid (\d+)\) at (\S+)/gm)].map(
    ([, url = "", user = "", host = "", pid = "", since = ""]) => ({ url, user, host, pid: Number(pid), since }),
  );
}

/** Whether a lock has outlived its process for certain: the host is this one, and its process does not run there any more. */
export function isDead(
  holder: LockHolder,
  here: string = hostname(),
  runs: (holder: LockHolder) => boolean = isRunning,
): boolean {
  return holder.host === here && !runs(holder);
}

/** The variable by which an engine tells whose it is: the number of the process that started it. */
export const commandVariable = "FTGO_COMMAND";

/**
 * Whether an update goes on although the command that began it was killed: the system has given its engine another parent.
 * Nobody hears of its end any more, and it may wait for pods for many minutes.
 */
export function isOrphan({ pid, host }: LockHolder, here: string = hostname()): boolean {
  if (host !== here) return false;
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    const command = variables.find((each) => each.startsWith(`${commandVariable}=`))?.slice(commandVariable.length + 1);
    return (
      command !== undefined && command !== /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    );
  } catch {
    return false; // it has ended, or is not of this user
  }
}

/** How long an engine gets to end in order, in milliseconds. */
const patience = 60_000;

/** Lets an orphan end in order, as Ctrl-C does. @returns whether it has ended */
export async function endOrphan(holder: LockHolder, signal?: AbortSignal): Promise<boolean> {
  process.kill(holder.pid, "SIGINT");
  const deadline = performance.now() + patience;
  while (isRunning(holder)) {
    if (performance.now() > deadline) return false;
    await pause(50, undefined, { signal });
  }
  return true;
}

/** A lock is taken in the first moments of its process; the clock that it is dated by counts whole seconds. */
const roundingMilliseconds = 2_000;

/** Numbers of processes are used again: one that began after the lock was taken, and is no Pulumi, is another one. */
function isRunning({ pid, since }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    const [, name, state, rest = ""] = /\((.*)\) (\w) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    // A process that was killed stays as a zombie (Z) until its parent asks, in containers for ever.
    if (state === "Z" || state === "X") return false;
    return name === "pulumi" || startOf(rest) <= Date.parse(since) + roundingMilliseconds;
  } catch {
    return process.platform !== "linux";
  }
}

/** When a process began, by the fields of its `stat` after the state: the 19th is in hundredths of a second after boot. */
function startOf(fields: string): number {
  const boot = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
  return (boot + Number(fields.split(" ")[18]) / 100) * 1000;
}

/**
 * Takes away this one lock. `pulumi cancel` would take all of them, also one that was taken since.
 * @returns false for a lock that is no file of this machine
 */
export function removeLock({ url }: LockHolder): boolean {
  if (!url.startsWith("file://")) return false;
  rmSync(fileURLToPath(url), { force: true });
  return true;
}

/** What to tell a person about a lock that only a person may break. */
export function describeLock(stack: string, holder: LockHolder | undefined): string {
  if (holder === undefined) return `another update of stack ${stack} is running; wait for it to end`;
  const who = `${holder.user} on ${holder.host}, process ${holder.pid}, since ${holder.since}`;
  if (isDead(holder)) {
    return `stack ${stack} is locked by an update that was killed on this machine (${who}): \`pulumi cancel --stack ${stack}\`, then try again`;
  }
  if (holder.host === hostname()) {
    return `another update of stack ${stack} is running (${who}); wait for it to end, or stop it with \`kill -INT ${holder.pid}\``;
  }
  return [
    `stack ${stack} is locked by an update on another machine (${who})`,
    `Look there whether it still runs. Only if it does not: \`pulumi cancel --stack ${stack}\`, then try again.`,
  ].join("\n");
}
