import { readdirSync, readFileSync } from "node:fs";
import { median } from "simple-statistics";
import { table } from "../automation/terminal/text";
import type { Platform } from "../test/engine/platform-lab";
import { Running } from "../test/engine/running";
import { Services } from "../test/engine/services-lab";
import { writeObjects } from "./objects";

const sizes = [10, 100, 500, 1000];
const rounds = 3;

/** Services of a stack of their own, more and more of them: seconds, and the memory of all processes of the command. */
export async function growth(lab: Platform): Promise<string> {
  await lab.bring();
  await addNode(lab);
  const head = ["services", "first up", "per service", "nothing changed", "promote", "rollback", "most memory"];
  const rows = [head];
  for (const size of sizes) rows.push(await grown(lab, size));
  return table(rows);
}

async function grown(lab: Platform, size: number): Promise<string[]> {
  const stack = await Services.open(lab, `growth-${size}`);
  const names = Array.from({ length: size }, (_, index) => `s${index}`);
  const plain = Object.fromEntries(names.map((name) => [`services.${name}`, { image: "shop/app:1", resources }]));
  const versions = { v1: { image: "shop/app:1" }, v2: { image: "shop/app:2" } };
  stack.set({ ...plain, "services.s0": { versions, stable: "v1", canary: { version: "v2", weight: 1 }, resources } });
  const memory: number[] = [];
  const run = async (...args: string[]) => {
    console.error(`growth: ${size} services, ftgo ${args.join(" ")}`);
    const { seconds, mebibytes } = await measured(stack, args);
    memory.push(mebibytes);
    return seconds;
  };
  const first = await run("up", "--yes", "--no-refresh");
  const again: number[] = [];
  const promotions: number[] = [];
  const rollbacks: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    again.push(await run("up", "--yes", "--no-refresh"));
    promotions.push(await run("promote", "s0", "--weight", String(10 * round)));
    rollbacks.push(await run("rollback", "s0"));
  }
  const seconds = (values: number[]) => `${median(values).toFixed(1)} s`;
  return [
    String(size),
    seconds([first]),
    `${((1000 * first) / size).toFixed(0)} ms`,
    ...[again, promotions, rollbacks].map(seconds),
    `${Math.max(...memory).toFixed(0)} MiB`,
  ];
}

const resources = { requests: { cpu: "1m", memory: "1Mi" } };

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

async function measured(stack: Services, args: string[]): Promise<{ seconds: number; mebibytes: number }> {
  const start = performance.now();
  const running = new Running(stack.ftgo(...args), { env: { ...process.env, ...stack.variables } });
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
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // it has ended meanwhile
  }
}
