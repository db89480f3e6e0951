import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "simple-statistics";
import { openProject } from "../automation";
import { table } from "../automation/terminal/text";
import type { Platform } from "../test/engine/platform-lab";
import { Running } from "../test/engine/running";
import { writeObjects } from "./objects";

const sizes = [10, 100, 500, 1000];
const rounds = 3;
/**
 * More services than that are made without the engine's checkpoints, each of which is the whole state: nobody would wait for them,
 * and what is to be seen is what so many cost from then on.
 */
const mostWithCheckpoints = 100;
const noCheckpoints = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** Stack local with more and more services: seconds, and the memory of all processes of a command. */
export async function growth(lab: Platform): Promise<string> {
  await lab.bring({ "services.released": released });
  await addNode(lab);
  const head = ["services added", "up", "per added", "nothing changed", "promote", "rollback", "most memory"];
  const rows = [head];
  for (const [index, size] of sizes.entries()) {
    rows.push(await grown(lab, sizes[index - 1] ?? 0, size));
    console.error(rows.at(-1)?.join("  ")); // the next one takes long
  }
  return table(rows);
}

const resources = { requests: { cpu: "1m", memory: "1Mi" } };
const versions = { v1: { image: "shop/app:1" }, v2: { image: "shop/app:2" } };
const released = { versions, stable: "v1", canary: { version: "v2", weight: 1 }, resources };

async function grown(lab: Platform, before: number, size: number): Promise<string[]> {
  const names = Array.from({ length: size - before }, (_, index) => `services.s${before + index}`);
  lab.set(Object.fromEntries(names.map((name) => [name, { image: "shop/app:1", resources }])));
  const memory: number[] = [];
  const run = async (args: readonly string[]) => {
    console.error(`growth: ${size} services added, ftgo ${args.join(" ")}`);
    const { seconds, mebibytes } = await measured(lab, args);
    memory.push(mebibytes);
    return seconds;
  };
  const checkpoints = size <= mostWithCheckpoints;
  const up = ["up", "--yes", "--no-refresh"];
  const first = checkpoints ? await run(up) : await upWithoutCheckpoints(lab);
  const again: number[] = [];
  const promotions: number[] = [];
  const rollbacks: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    again.push(await run(up));
    promotions.push(await run(["promote", "released", "--weight", String(10 * round)]));
    rollbacks.push(await run(["rollback", "released"]));
  }
  const seconds = (values: number[]) => `${median(values).toFixed(1)} s`;
  return [
    String(size),
    `${seconds([first])}${checkpoints ? "" : " without checkpoints"}`,
    `${((1000 * first) / names.length).toFixed(0)} ms`,
    ...[again, promotions, rollbacks].map(seconds),
    `${Math.max(...memory).toFixed(0)} MiB`,
  ];
}

/** A node that has room for all of them. */
async function addNode(lab: Platform): Promise<void> {
  const [node] = await lab.list("nodes");
  const capacity = { cpu: "1000", memory: "1000Gi", pods: "5000" };
  const name = "node-of-bench";
  const { labels } = node?.metadata ?? {};
  const metadata = {
    name,
    labels: { ...labels, "kubernetes.io/hostname": name },
    annotations: { "kwok.x-k8s.io/node": "fake" },
  };
  const object = { apiVersion: "v1", kind: "Node", metadata, status: { capacity, allocatable: capacity } };
  await lab.kubectl("apply", "--server-side", "--filename", writeObjects(lab, "node", [object]));
}

/** In this process: `ftgo` lets no variable of the shell change what the engine does in stack local. @returns seconds */
async function upWithoutCheckpoints(lab: Platform): Promise<number> {
  const start = performance.now();
  const env = { ...lab.variables, ...noCheckpoints };
  await openProject({ stack: "local", projectDir: lab.dir, env }).up({ refresh: false });
  return (performance.now() - start) / 1000;
}

async function measured(lab: Platform, args: readonly string[]): Promise<{ seconds: number; mebibytes: number }> {
  const start = performance.now();
  const running = new Running([join(lab.dir, "automation", "bin", "ftgo.js"), ...args], {
    env: { ...process.env, ...lab.variables },
  });
  const peaks = new Map<number, number>();
  const timer = setInterval(() => {
    for (const pid of processesOf(running.child.pid ?? 0)) peaks.set(pid, peakOf(pid) ?? peaks.get(pid) ?? 0);
  }, 100);
  const exitCode = await running.end();
  clearInterval(timer);
  if (exitCode !== 0) throw new Error(`ftgo ${args.join(" ")}: ${running.said}`);
  return {
    seconds: (performance.now() - start) / 1000,
    mebibytes: [...peaks.values()].reduce((sum, kibibytes) => sum + kibibytes, 0) / 1024,
  };
}

/** A process and all that it has started. */
function processesOf(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(processesOf)];
  } catch {
    return []; // it has ended meanwhile
  }
}

/** The most memory that a process has had, in KiB. */
function peakOf(pid: number): number | undefined {
  try {
    const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return peak === undefined ? undefined : Number(peak);
  } catch {
    return undefined; // it has ended meanwhile
  }
}
