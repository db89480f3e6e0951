import { Load, type LoadArgs, type Sent } from "../../local";

export type { Answer, Load, LoadArgs, Sent } from "../../local";

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
  const loads = await Promise.all(ways.map((way) => startLoad(way)));
  try {
    await work();
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
  }
  return (await Promise.all(loads.map((load) => load.all()))).flat();
}

/** Those that were not answered as they should be, a line each. */
export function lost(sent: readonly Sent[]): string[] {
  return sent
    .filter(({ code }) => code !== 200)
    .map(({ timestamp, method, url, code, error }) => `${timestamp} ${method} ${url}: ${code} ${error}`);
}

/** How many were answered by each version. */
export function versionsOf(sent: readonly Sent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { answer } of sent) {
    const version = answer.version ?? "none";
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}
