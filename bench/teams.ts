import { table } from "../automation/terminal/text";
import type { Platform } from "../test/engine/platform-lab";
import { footprint, medianSeconds, mostMemory, standing, up } from "./footprint";
import { addNode, least as resources, released } from "./many";

const teams = 50;
const perTeam = 20;
/** After so many teams it is measured what the newest one's stack costs. */
const looks = [1, 5, 25, 50];
const others = Array.from({ length: perTeam - 1 }, (_, index) => `s${index + 1}`);
const services = {
  s0: released,
  ...Object.fromEntries(others.map((name) => [name, { image: "shop/app:1", resources }])),
};

/** Stacks of teams on one platform, more and more: what each has to do with is its own services, whatever the others have. */
export async function teamStacks(lab: Platform): Promise<string> {
  await lab.bring();
  await addNode(lab);
  const head = ["services of all", `up of ${perTeam}`, "nothing changed", "promote", "rollback", "most memory"];
  const rows = [head];
  for (let team = 1; team <= teams; team++) {
    const stack = `team-${team}`;
    lab.writeTeam(stack, services);
    const run = (args: readonly string[]) => {
      console.error(`teams: ${stack}, ftgo ${args.join(" ")}`);
      return footprint(lab, [...args, "--stack", stack]);
    };
    const first = await run(up);
    if (!looks.includes(team)) continue;
    const costs = [[first], ...(await standing(run, "s0"))];
    rows.push([String(team * perTeam), ...costs.map(medianSeconds), mostMemory(costs.flat())]);
    console.error(rows.at(-1)?.join("  "));
  }
  return table(rows);
}
