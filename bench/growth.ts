import { median } from "simple-statistics";
import { openProject } from "../automation";
import { table } from "../automation/terminal/text";
import type { Platform } from "../test/engine/platform-lab";
import { footprint } from "./footprint";
import { addNode, least as resources, released } from "./many";

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

async function grown(lab: Platform, before: number, size: number): Promise<string[]> {
  const names = Array.from({ length: size - before }, (_, index) => `services.s${before + index}`);
  lab.set(Object.fromEntries(names.map((name) => [name, { image: "shop/app:1", resources }])));
  const memory: number[] = [];
  const run = async (args: readonly string[]) => {
    console.error(`growth: ${size} services added, ftgo ${args.join(" ")}`);
    const { seconds, mebibytes } = await footprint(lab, args);
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

/** In this process: `ftgo` lets no variable of the shell change what the engine does in stack local. @returns seconds */
async function upWithoutCheckpoints(lab: Platform): Promise<number> {
  const start = performance.now();
  const env = { ...lab.variables, ...noCheckpoints };
  await openProject({ stack: "local", projectDir: lab.dir, env }).up({ refresh: false });
  return (performance.now() - start) / 1000;
}
