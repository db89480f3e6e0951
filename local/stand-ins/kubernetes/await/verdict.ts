import type { Cluster } from "../cluster";
import type { Fields, Value } from "../wire";
import { list, text } from "../wire";

/** What a look at an object says about whether it works. */
export type Verdict = { state: "ready" } | { state: "waiting" | "failed"; why: string };

/**
 * Judges an object as the API server has it now.
 * @param waitedMilliseconds since when it is waited for; the object's own times are those of another machine's clock
 */
export type Rule = (object: Fields, cluster: Cluster, waitedMilliseconds: number) => Verdict | Promise<Verdict>;

export const ready: Verdict = { state: "ready" };

export function waiting(why: string): Verdict {
  return { state: "waiting", why };
}

export function failed(why: string): Verdict {
  return { state: "failed", why };
}

/** The condition of a type in `status.conditions`. */
export function condition(object: Value, type: string): Value | undefined {
  return list(object, "status", "conditions").find((entry) => text(entry, "type") === type);
}

export function holds(object: Value, type: string): boolean {
  return text(condition(object, type), "status") === "True";
}
