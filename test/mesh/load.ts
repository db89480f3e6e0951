import { Load, type LoadArgs, type Sent } from "../../local";

export type { Answer, Load, LoadArgs, Sent } from "../../local";

/** Requests per second of a test, some of which run beside each other on two cores; `npm run soak:steps` sends more. */
export const rate = Number(process.env["FTGO_RATE"] ?? 50);

/** Begins to send. */
export function startLoad(args: LoadArgs): Promise<Load> {
  return Load.start(args, console.log);
}

/** Sends so many, and gives all when the last one has been answered. */
export async function send(args: LoadArgs & { readonly count: number }): Promise<Sent[]> {
  return (await startLoad(args)).all();
}

/** Sends by each of these ways while the work is done. */
export async function during(ways: readonly LoadArgs[], work: () => Promise<unknown>): Promise<Sent[]> {
  return (await eachDuring(ways, work)).flat();
}

/** The same. @returns what was sent by each of the ways */
export async function eachDuring(ways: readonly LoadArgs[], work: () => Promise<unknown>): Promise<Sent[][]> {
  const loads = await Promise.all(ways.map(startLoad));
  try {
    await work();
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
  }
  return Promise.all(loads.map((load) => load.all()));
}

/** Those that were not answered as they should be, a line each. */
export function lost(sent: readonly Sent[]): string[] {
  return sent
    .filter(({ code }) => code !== 200)
    .map(({ timestamp, method, url, code, error }) => `${timestamp} ${method} ${url}: ${code} ${error}`);
}

/** How many were answered by each version. */
export function versionsOf(sent: readonly Sent[]): Record<string, number> {
  return countBy(sent, ({ answer }) => answer.version ?? "none");
}

/** How many there are of each kind. */
export function countBy(sent: readonly Sent[], kindOf: (one: Sent) => string | number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of sent.map(kindOf)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
