import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

interface ContainerProcess {
  readonly pid: number;
  readonly container: string;
  /** What is called so. */
  readonly program: string;
}

/** Those of a pod's containers. @param uid of the pod */
export function processesOf(uid: string): ContainerProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, container] = readlinkSync(`/proc/${name}/cwd`).split(`/pods/${uid}/containers/`);
      if (container === undefined) return [];
      return { pid: Number(name), container, program: readFileSync(`/proc/${name}/comm`, "utf8").trim() };
    } catch {
      return []; // it has ended meanwhile, or is another person's
    }
  });
}

/** The process of a container whose program is called so. @param uid of its pod */
export function processOf(uid: string, container: string, program: string): number {
  const found = processesOf(uid).find((each) => each.container === container && each.program === program);
  return found?.pid ?? assert.fail(`no ${program} in ${container} of ${uid}`);
}

/** Arguments of `nsenter` for the network namespace of a process. */
export function intoNetwork(pid: number): string[] {
  const users = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
  return ["--target", String(pid), "--net", ...users];
}

/** Takes the cable off the network namespace of a process: what is sent there is lost without a word. */
export function cutOff(pid: number): void {
  execFileSync("nsenter", [...intoNetwork(pid), "ip", "link", "set", "eth0", "down"]);
}
