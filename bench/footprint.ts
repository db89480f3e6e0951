import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { median, sum } from "simple-statistics";
import type { Platform } from "../test/engine/platform-lab";
import { Running } from "../test/engine/running";

/** What a command of `ftgo` costs: seconds, and the most memory that its processes had at one time. */
export interface Cost {
  readonly seconds: number;
  readonly mebibytes: number;
}

const rounds = 3;
/** Arguments of an update that looks at the state alone. */
export const up = ["up", "--yes", "--no-refresh"];

/** What a stack that is up costs, three times in turn: nothing changed, a promotion, a rollback. @param released a service with a canary */
export async function standing(run: (args: readonly string[]) => Promise<Cost>, released: string): Promise<Cost[][]> {
  const [again, promotions, rollbacks] = [[], [], []] as [Cost[], Cost[], Cost[]];
  for (let round = 1; round <= rounds; round++) {
    again.push(await run(up));
    promotions.push(await run(["promote", released, "--weight", String(10 * round)]));
    rollbacks.push(await run(["rollback", released]));
  }
  return [again, promotions, rollbacks];
}

export function medianSeconds(costs: readonly Pick<Cost, "seconds">[]): string {
  return `${median(costs.map(({ seconds }) => seconds)).toFixed(1)} s`;
}

export function mostMemory(costs: readonly Cost[]): string {
  return `${Math.max(...costs.map(({ mebibytes }) => mebibytes)).toFixed(0)} MiB`;
}

/** Runs a command and measures it. */
export async function footprint(lab: Platform, args: readonly string[]): Promise<Cost> {
  const start = performance.now();
  const running = new Running([join(lab.dir, "automation", "bin", "ftgo.js"), ...args], {
    env: { ...process.env, ...lab.variables },
  });
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, sum(processesOf(running.child.pid ?? 0).map(residentOf)));
  }, 100);
  const exitCode = await running.end();
  clearInterval(timer);
  if (exitCode !== 0) throw new Error(`ftgo ${args.join(" ")}: ${running.said}`);
  return {
    seconds: (performance.now() - start) / 1000,
    mebibytes: most / 1024,
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

/** The memory that a process has, in KiB. */
function residentOf(pid: number): number {
  try {
    const [, resident] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(resident ?? 0);
  } catch {
    return 0; // it has ended meanwhile
  }
}
