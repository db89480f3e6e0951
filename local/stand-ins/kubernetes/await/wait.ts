import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster";
import { Unreachable } from "../http-client";
import { idOf } from "../naming";
import { list, text } from "../wire";
import type { Fields } from "../wire";
import { problemsOf } from "./problems";
import { waiting } from "./verdict";
import type { Rule, Verdict } from "./verdict";

/** Where and how long to wait. */
export interface Wait {
  cluster: Cluster;
  /** Path of the object. */
  path: string;
  timeoutSeconds: number;
  /** Ends the wait at once. */
  signal: AbortSignal;
  /** Shows a line that is replaced by the next one. */
  status: (text: string) => void;
}

/** The object exists but does not work (yet): the state has to keep it. The first reason is the headline. */
export class NotReady extends Error {
  constructor(
    readonly live: Fields,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}

const fastest = 40;
const slowest = 250;
/** How often pods are looked at for the status line. */
const diagnosisMilliseconds = 2_000;
/** An API server that is restarted meanwhile gets this long to come back. */
const unreachableMilliseconds = 30_000;

/** Waits until `rule` finds the object ready and returns it as it is then; throws NotReady. */
export async function untilReady(first: Fields, rule: Rule, wait: Wait): Promise<Fields> {
  const pace = new Pace(wait);
  let live = first;
  let answeredAt = performance.now();
  for (;;) {
    let verdict: Verdict;
    try {
      const found = await wait.cluster.get(wait.path);
      if (!found) throw new NotReady(live, [`${nameOf(live)} was deleted by someone else while it was waited for`]);
      live = found;
      verdict = await rule(live, wait.cluster, pace.elapsed);
      answeredAt = performance.now();
    } catch (error) {
      if (error instanceof NotReady) throw error;
      // The object exists: whatever goes wrong from here on, the state has to keep it.
      if (!(error instanceof Unreachable)) throw new NotReady(live, [`${nameOf(live)}: ${messageOf(error)}`]);
      if (performance.now() - answeredAt > unreachableMilliseconds) throw new NotReady(live, [error.message]);
      verdict = waiting(error.message);
    }
    if (verdict.state === "ready") {
      pace.done();
      return live;
    }
    const end = verdict.state === "failed" ? "" : pace.end();
    if (end !== undefined) {
      const headline = `${nameOf(live)} is not ready: ${end}${verdict.why}`;
      throw new NotReady(live, [headline, ...(await problemsOf(live, wait.cluster))]);
    }
    await pace.next(verdict.why, () => problemsOf(live, wait.cluster));
  }
}

/** Waits until the object is gone; throws an Error that says what holds it. */
export async function untilGone(first: Fields, wait: Wait): Promise<void> {
  const pace = new Pace(wait);
  const uid = text(first, "metadata", "uid");
  for (;;) {
    const live = await wait.cluster.get(wait.path);
    if (!live || (uid && text(live, "metadata", "uid") !== uid)) {
      pace.done();
      return;
    }
    const held = holdersOf(live);
    const end = pace.end();
    if (end !== undefined) throw new Error(`${nameOf(live)} is being deleted but still there: ${end}${held}`);
    await pace.next(held, () => Promise.resolve([]));
  }
}

function holdersOf(live: Fields): string {
  const remaining = list(live, "status", "conditions")
    .filter((entry) => text(entry, "status") === "True" && text(live, "kind") === "Namespace")
    .map((entry) => text(entry, "message") ?? "");
  const finalizers = list(live, "metadata", "finalizers").map((name) => JSON.stringify(name));
  const names = finalizers.length > 0 ? [`finalizers ${finalizers.join(", ")}`] : [];
  return [...remaining, ...names].join("; ") || "waiting for it to go";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nameOf(object: Fields): string {
  return `${text(object, "kind") ?? "object"} ${idOf(object)}`;
}

/** When to look again, what to show meanwhile, and when to stop. */
class Pace {
  private readonly start = performance.now();
  private diagnosedAt = performance.now();
  private delay = fastest;
  private shown = "";

  constructor(private readonly wait: Wait) {}

  /** Milliseconds since the wait began, whatever is done to the clock meanwhile. */
  get elapsed(): number {
    return performance.now() - this.start;
  }

  /** Why to stop waiting, as the beginning of a sentence; undefined while there is time. */
  end(): string | undefined {
    if (this.wait.signal.aborted) return "cancelled; ";
    return this.elapsed > this.wait.timeoutSeconds * 1_000
      ? `timed out after ${this.wait.timeoutSeconds} s; `
      : undefined;
  }

  /** Takes the line away. */
  done(): void {
    if (this.shown !== "") this.wait.status("");
  }

  async next(why: string, diagnose: () => Promise<string[]>): Promise<void> {
    if (performance.now() - this.diagnosedAt > diagnosisMilliseconds) {
      const [problem] = await diagnose();
      this.diagnosedAt = performance.now();
      const line = problem ? `${why}; ${problem}` : why;
      if (line !== this.shown) this.wait.status(line);
      this.shown = line;
    }
    // An abort only cuts the pause short; the loop then looks once more and ends.
    await sleep(this.delay, undefined, { signal: this.wait.signal }).catch(() => undefined);
    this.delay = Math.min(slowest, this.delay * 1.5);
  }
}
