import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The process of a container whose program is called so. @param uid of its pod */
export function processOf(uid: string, container: string, program: string): number {
  const found = readdirSync("/proc").find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const isThere = readlinkSync(`/proc/${pid}/cwd`).endsWith(`/pods/${uid}/containers/${container}`);
      return isThere && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === program;
    } catch {
      return false; // it has ended meanwhile, or is another person's
    }
  });
  return Number(found ?? assert.fail(`no ${program} in ${container} of ${uid}`));
}

/** Takes the cable off the network namespace of a process: what is sent there is lost without a word. */
export function cutOff(pid: number): void {
  const users = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
  execFileSync("nsenter", ["--target", String(pid), "--net", ...users, "ip", "link", "set", "eth0", "down"]);
}
