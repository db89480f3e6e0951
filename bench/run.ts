/*
 * `npm run bench`: one table of what things cost, each beside what else does the same, in the same run. `npm run bench growth`
 * and the like are one part of it; `npm run bench cold` is not among the others because it takes half an hour.
 */
import { cpus } from "node:os";
import { Platform } from "../test/engine/platform-lab";
import { addedLatency, pods } from "./data-plane";
import { growth } from "./growth";
import { weights } from "./mesh";
import { cachedStart, coldStart } from "./start";
import { steps } from "./steps";
import { teamStacks } from "./teams";
import { firstUp, unchanged } from "./whole-stack";

/** Tells a table as soon as it is there: a later one may never be. */
type Tell = (table: string) => void;

const parts: Record<string, (tell: Tell) => Promise<void>> = {
  unchanged: onPlatform(async (lab, tell) => tell(await unchanged(lab))),
  steps: onPlatform(steps),
  first: onPlatform(async (lab, tell) => tell(await firstUp(lab))),
  mesh: onPlatform(async (lab, tell) => tell(await weights(lab)), true),
  latency: onPlatform(async (lab, tell) => tell(await addedLatency(lab)), true),
  pods: onPlatform(async (lab, tell) => tell(await pods(lab)), true),
  growth: onPlatform(async (lab, tell) => tell(await growth(lab))),
  teams: onPlatform(async (lab, tell) => tell(await teamStacks(lab))),
  start: async (tell) => tell(await cachedStart()),
  cold: async (tell) => tell(await coldStart()),
};

/** A cluster of each part's own, so that what one leaves does not slow the next. */
function onPlatform(work: (lab: Platform, tell: Tell) => Promise<void>, traffic = false) {
  return async (tell: Tell) => {
    const lab = new Platform(traffic);
    try {
      await lab.start();
      await work(lab, tell);
    } finally {
      await lab.remove();
    }
  };
}

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.filter((name) => !(name in parts));
  if (unknown.length > 0) throw new Error(`no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  const names = wanted.length > 0 ? wanted : Object.keys(parts).filter((name) => name !== "cold");
  const [cpu] = cpus();
  console.log(`${cpus().length} × ${cpu?.model ?? "?"}; medians of runs in turn; a ratio is to the first line\n`);
  for (const name of names) await parts[name]?.(console.log);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
