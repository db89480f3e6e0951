import { setTimeout as pause } from "node:timers/promises";
import { quantileSorted } from "simple-statistics";
import type { Load, Sent } from "../../local";

/** What users and testers saw in one step of the demo. */
export interface StepTraffic {
  /** From the step's beginning to its end. */
  readonly requests: number;
  /** Those that were not answered as they should be. */
  readonly lost: number;
  /** Why they were lost, and how many for that reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Latency, milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests by the version that answered, after the step's change: of users, and of testers. */
  readonly users: Readonly<Record<string, number>>;
  readonly testers: Readonly<Record<string, number>>;
}

/** A request, and whether a tester sent it. */
interface Seen extends Pick<Sent, "code" | "error" | "latency" | "answer"> {
  readonly isTester: boolean;
}

interface Loads {
  readonly Load: typeof Load;
}

/** Per second. */
const rates = { users: 100, testers: 10 };
const requests = ["GET /consumers/1", "POST /consumers/1"];
/** Milliseconds in which proxies hear of a change, and for which requests are looked at then. */
const [settleMs, lookMs] = [250, 600];

/** Steady traffic to the gateway while the demo goes on: of users, and of a tester. */
export class DemoTraffic {
  private readonly seen: Seen[] = [];
  private from = 0;

  private constructor(private loads: readonly Load[] = []) {}

  /** @param url of the gateway @param report told of a program that has to be built */
  static async start({ Load }: Loads, url: string, report: (message: string) => void): Promise<DemoTraffic> {
    const traffic = new DemoTraffic();
    const start = (rate: number, isTester: boolean) =>
      Load.start(
        {
          ...{ url, requests, rate },
          headers: isTester ? ["testuser: demo"] : [],
          onSent: (sent) => void traffic.seen.push({ ...sent, isTester }),
        },
        report,
      );
    traffic.loads = await Promise.all([start(rates.users, false), start(rates.testers, true)]);
    return traffic;
  }

  /** Ends a step: looks on for a moment, and says what was seen since the step before. */
  async endStep(): Promise<StepTraffic> {
    await pause(settleMs);
    const changed = this.seen.length;
    await pause(lookMs);
    const step = this.seen.slice(this.from);
    const after = this.seen.slice(changed);
    this.from = this.seen.length;
    return toTraffic(step, after);
  }

  /** What is seen now, in one line. */
  readonly line = (): string => {
    const step = this.seen.slice(this.from);
    const { requests: count, lost, p99Ms, users } = toTraffic(step, step.slice(-rates.users));
    return `${count} requests: ${describeShares(users)}; p99 ${p99Ms} ms; ${lost} lost`;
  };

  /** Stops sending, and waits for the answers that are still to come. @throws LocalError when they could not be counted */
  async stop(): Promise<void> {
    await Promise.all(this.loads.map((load) => load.stop()));
  }

  /** All that was seen. */
  total(): StepTraffic {
    return toTraffic(this.seen, this.seen);
  }
}

/** What is to be said of the requests of a step, and of those after its change. */
export function toTraffic(step: readonly Seen[], after: readonly Seen[]): StepTraffic {
  const latencies = step.map(({ latency }) => latency / 1e6).sort((a, b) => a - b);
  const quantile = (share: number) => (latencies.length === 0 ? 0 : Math.round(quantileSorted(latencies, share)));
  const lost = step.filter(({ code }) => code < 200 || code > 299);
  return {
    requests: step.length,
    lost: lost.length,
    reasons: countBy(lost, ({ code, error }) => causeOf(error) || String(code)),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    users: versions(after.filter(({ isTester }) => !isTester)),
    testers: versions(after.filter(({ isTester }) => isTester)),
  };
}

/** Without what differs between requests, such as ports: Go puts the cause last. */
function causeOf(error: string): string {
  return error.split(": ").at(-1) ?? "";
}

function versions(seen: readonly Seen[]): Record<string, number> {
  return countBy(seen, ({ answer }) => answer.version ?? "none");
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of items.map(keyOf).sort()) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

/** `v1 95 %, v2 5 %` */
export function describeShares(counts: Readonly<Record<string, number>>): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const shares = Object.entries(counts).map(([version, count]) => `${version} ${Math.round((100 * count) / total)} %`);
  return shares.join(", ") || "none";
}
