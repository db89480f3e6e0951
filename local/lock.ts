import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import { LocalError } from "./errors";
import { readJson } from "./files";

/** Who holds a lock and what for; written for the one who waits. */
export interface Holder {
  pid: number;
  doing: string;
}

/**
 * Runs `work` while no other process of this machine holds the lock on `path`. The kernel keeps the lock for a helper that
 * lives only as long as this process's end of a pipe, so it goes with its owner, however that ends.
 * @param doing what the lock is held for, told to those who wait
 * @param onWait called once when another process has it
 */
export async function withLock<T>(
  path: string,
  doing: string,
  onWait: (holder: Holder | undefined) => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const holder = (await hold(path, ["--nonblock"])) ?? (await waitFor(path, onWait));
  try {
    describe(path, doing);
    return await work();
  } finally {
    const gone = once(holder, "exit");
    holder.ref();
    holder.stdin?.end();
    // One that somebody has killed meanwhile says nothing more.
    if (holder.exitCode === null && holder.signalCode === null) await gone;
  }
}

/** Changes what those who wait are told. Call it only while holding the lock. */
export function describe(path: string, doing: string): void {
  writeFileSync(`${path}.holder`, JSON.stringify({ pid: process.pid, doing }));
}

async function waitFor(path: string, onWait: (holder: Holder | undefined) => void): Promise<ChildProcess> {
  onWait(readJson<Holder>(`${path}.holder`));
  const holder = await hold(path, []);
  if (!holder) throw new LocalError(`The lock ${path} cannot be taken.`);
  return holder;
}

/** Starts the helper; answers when it has the lock, or with undefined when it gave up. */
function hold(path: string, options: string[]): Promise<ChildProcess | undefined> {
  return new Promise((resolve, reject) => {
    // `cat` ends when our end of its input is closed, by us or by our death.
    const child = spawn("flock", [...options, path, "sh", "-c", "echo held; exec cat"], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true, // Ctrl-C at the terminal must end the work before the lock goes
    });
    child.once("error", () =>
      reject(new LocalError("The command flock was not found. Install it: apt-get install util-linux")),
    );
    child.once("exit", () => resolve(undefined));
    child.stdout.once("data", () => {
      // From here on the helper must not keep this process from ending.
      for (const handle of [child, child.stdin as Socket, child.stdout as Socket]) handle.unref();
      resolve(child);
    });
  });
}
