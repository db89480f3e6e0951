import { max, median, min } from "simple-statistics";
import { table } from "../automation/terminal/text";

/** What one run has shown: a number for each unit, such as `{ seconds: 1.4 }`. */
export type Figures = Readonly<Record<string, number>>;

/** One way to do something. */
export interface Case {
  readonly what: string;
  /** What has to be so before each run; it is not measured. */
  readonly prepare?: () => Promise<unknown>;
  readonly run: () => Promise<Figures>;
}

/** Several ways to do the same thing, the first of which is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** Runs all cases in turn, so that a machine that gets slower or faster does so for all, after a round that does not count. */
export async function compare({ title, cases }: Comparison, rounds: number, warmUp = true): Promise<string> {
  const runs = cases.map((): Figures[] => []);
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const [index, { what, prepare, run }] of cases.entries()) {
      console.error(`${title}: ${what}, ${round === 0 ? "warming up" : `${round} of ${rounds}`}`);
      await prepare?.();
      const figures = await run();
      if (round > 0) runs[index]?.push(figures);
    }
  }
  const units = Object.keys(runs[0]?.[0] ?? {});
  const head = [title, ...units.flatMap((unit) => [unit, "from – to", "ratio"])];
  const rows = cases.map(({ what }, index) => [
    what,
    ...units.flatMap((unit) => {
      const of = (which = 0) => runs[which]?.map((figures) => figures[unit] ?? NaN) ?? [];
      const own = of(index);
      return [print(median(own)), `${print(min(own))} – ${print(max(own))}`, print(median(own) / median(of()))];
    }),
  ]);
  return table([head, ...rows]);
}

/** `0.012`, `1.23`, `45.6`, `789` */
function print(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value < 0.1 ? 2 : 3);
}

/** How long something takes. */
export async function timed(work: () => Promise<unknown>): Promise<Figures> {
  const start = performance.now();
  await work();
  return { seconds: (performance.now() - start) / 1000 };
}
