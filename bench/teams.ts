import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "simple-statistics";
import { table } from "../automation/terminal/text";
import type { Platform } from "../test/engine/platform-lab";
import { footprint } from "./footprint";
import { addNode, least as resources, released } from "./many";

const teams = 50;
const perTeam = 20;
/** After so many teams it is measured what the newest one's stack costs. */
const looks = [1, 5, 25, 50];
const rounds = 3;

/** Stacks of teams on one platform, more and more: what each has to do with is its own services, whatever the others have. */
export async function teamStacks(lab: Platform): Promise<string> {
  await lab.bring();
  await addNode(lab);
  const head = ["services of all", `up of ${perTeam}`, "nothing changed", "promote", "rollback", "most memory"];
  const rows = [head];
  for (let team = 1; team <= teams; team++) {
    const stack = `team-${team}`;
    writeFileSync(
      join(lab.dir, "stacks", `Pulumi.${stack}.yaml`),
      JSON.stringify({ config: fileOf(stack) }, undefined, 2),
    );
    const run = (...args: string[]) => {
      console.error(`teams: ${stack}, ftgo ${args.join(" ")}`);
      return footprint(lab, [...args, "--stack", stack]);
    };
    const up = () => run("up", "--yes", "--no-refresh");
    const first = await up();
    if (!looks.includes(team)) continue;
    const [again, promotions, rollbacks] = [[], [], []] as [Cost[], Cost[], Cost[]];
    for (let round = 1; round <= rounds; round++) {
      again.push(await up());
      promotions.push(await run("promote", "s0", "--weight", String(10 * round)));
      rollbacks.push(await run("rollback", "s0"));
    }
    const most = Math.max(...[first, ...again, ...promotions, ...rollbacks].map(({ mebibytes }) => mebibytes));
    const seconds = [[first], again, promotions, rollbacks].map(
      (costs) => `${median(costs.map((cost) => cost.seconds)).toFixed(1)} s`,
    );
    rows.push([String(team * perTeam), ...seconds, `${most.toFixed(0)} MiB`]);
    console.error(rows.at(-1)?.join("  "));
  }
  return table(rows);
}

type Cost = Awaited<ReturnType<typeof footprint>>;

function fileOf(namespace: string) {
  const others = Array.from({ length: perTeam - 1 }, (_, index) => [
    `s${index + 1}`,
    { image: "shop/app:1", resources },
  ]);
  return {
    "pulumi:disable-default-providers": ["*"],
    "ftgo:cluster": { kind: "embedded" },
    "ftgo:namespace": namespace,
    "ftgo:mesh": { install: false },
    "ftgo:services": { s0: released, ...(Object.fromEntries(others) as object) },
  };
}
