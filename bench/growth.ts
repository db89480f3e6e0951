import { openProject } from "../automation";
import { table } from "../automation/terminal/text";
import type { Platform } from "../test/engine/platform-lab";
import { footprint, medianSeconds, mostMemory, standing, up } from "./footprint";
import { addNode, least as resources, released } from "./many";

const sizes = [10, 100, 500, 1000];
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
  const run = (args: readonly string[]) => {
    console.error(`growth: ${size} services added, ftgo ${args.join(" ")}`);
    return footprint(lab, args);
  };
  const measured = size <= mostWithCheckpoints ? [await run(up)] : [];
  const seconds = measured[0]?.seconds ?? (await upWithoutCheckpoints(lab));
  const costs = await standing(run, "released");
  return [
    String(size),
    `${medianSeconds([{ seconds }])}${measured.length > 0 ? "" : " without checkpoints"}`,
    `${((1000 * seconds) / names.length).toFixed(0)} ms`,
    ...costs.map(medianSeconds),
    mostMemory([...measured, ...costs.flat()]),
  ];
}

/** In this process: `ftgo` lets no variable of the shell change what the engine does in stack local. @returns seconds */
async function upWithoutCheckpoints(lab: Platform): Promise<number> {
  const start = performance.now();
  const env = { ...lab.variables, ...noCheckpoints };
  await openProject({ stack: "local", projectDir: lab.dir, env }).up({ refresh: false });
  return (performance.now() - start) / 1000;
}
