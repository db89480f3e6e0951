import type { z } from "zod";
import { knownKeys } from "./known-keys";
import { isMap, valueAt } from "./maps";
import { closest, configCommand, formatPath, nearest, plural, type Problem } from "./problems";

type Issue = z.core.$ZodIssue;

/** A schema's complaints about a stack's values, as sentences. @param stack for commands that they name */
export function toProblems(issues: readonly Issue[], values: unknown, stack?: string): Problem[] {
  return issues.filter(isNews).flatMap((issue) => {
    const path = formatPath(issue.path);
    const value = valueAt(values, issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(issue.path, values);
      return issue.keys.map((key) => {
        const where = formatPath([...issue.path, key]);
        const place = known.filter((other) => knownKeys([...issue.path, other], values).includes(key));
        return { path: where, message: issue.path.length > 0 ? stranger(key, known, place) : topStranger(key, known) };
      });
    }
    // What stands in the place of a secret may be the secret: it is never shown.
    if (issue.path[0] === "secrets" && issue.code !== "invalid_key") return secretProblems(issue.path, value, stack);
    if (issue.code === "invalid_union") return unionProblems(issue, values, stack);
    if (issue.code === "invalid_key") {
      return [{ path, message: `has a name that cannot be used: ${issue.issues[0]?.message ?? issue.message}` }];
    }
    return [{ path, message: sentence(value, remedy(issue, value)) }];
  });
}

/**
 * What is wrong with a secret, and the command that puts it right.
 * @param keys where it stands: `secrets` alone means all that a stack may have of its own
 * @param value undefined for one that is missing
 */
export function secretProblems(keys: readonly PropertyKey[], value: unknown, stack?: string): Problem[] {
  const problem = value === undefined ? "is missing" : "is not encrypted";
  const [, name, ...below] = keys;
  if (name === undefined) {
    const needed = knownKeys(keys, {}).filter((each) => each !== "env");
    return needed.flatMap((each) => secretProblems([...keys, each], value, stack));
  }
  // Of a service's variable all keys are needed.
  const [service = "SERVICE", variable = "VARIABLE"] = below.map(String);
  const whole = name === "env" ? ["secrets", name, service, variable] : ["secrets", name];
  return [{ path: formatPath(keys), message: `${problem}; run ${configCommand("set", formatPath(whole), stack)}` }];
}

/**
 * The schema tells of bounds also where something of another kind stands, and twice of a number beyond all bounds: once for
 * being beyond all whole numbers that it can hold.
 */
function isNews(issue: Issue, _: number, issues: readonly Issue[]): boolean {
  if (issue.code !== "too_big" && issue.code !== "too_small") return true;
  const where = formatPath(issue.path);
  const others = issues.filter((other) => other !== issue && formatPath(other.path) === where);
  const isUnbounded = issue.code === "too_big" && issue.maximum === Number.MAX_SAFE_INTEGER;
  return !others.some(({ code }) => code === "invalid_type" || (isUnbounded && code === "too_big"));
}

function topStranger(key: string, known: readonly string[]): string {
  if (!known.includes(key.split(".")[0] ?? "")) return stranger(key, known);
  return "is not a known key: Pulumi takes dots for a path only with `config set --path`; remove it and set it so";
}

/** @param places keys beside it under which it is known */
function stranger(key: string, known: readonly string[], places: readonly string[] = []): string {
  if (key === "<<") return "is a merge of maps, which not all readers of YAML know; write out what it stands for";
  if (known.includes(key)) return "does not go with what stands beside it; keep one of them";
  if (key === "secure") return "holds an encrypted value; such values have their place under ftgo:secrets alone";
  if (places.length > 0) {
    const near = nearest(key, known);
    const place = `it has its place under \`${places.join("` or `")}\``;
    return `is not a known key here; ${near === undefined ? "" : `did you mean "${near}"? Or else `}${place}`;
  }
  return `is not a known key${closest(key, known)}`;
}

/** Of a union's branches the one that fits best is what was meant. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, values: unknown, stack?: string): Problem[] {
  const path = formatPath(issue.path);
  const value = valueAt(values, issue.path);
  if (issue.errors.length === 0) {
    const { options = [] } = issue as { options?: unknown[] };
    return [{ path, message: sentence(value, oneOf(options, value)) }];
  }
  const branches = issue.errors.filter(
    (branch) => !branch.some((i) => i.path.length === 0 && i.code === "invalid_type"),
  );
  if (branches.length === 0) {
    const kinds = issue.errors.flat().flatMap((i) => (i.code === "invalid_type" ? [aKind(i.expected)] : []));
    return [{ path, message: sentence(value, `give ${[...new Set(kinds)].join(" or ")}`) }];
  }
  const strangers = (branch: readonly Issue[]) =>
    branch.filter((i) => i.path.length === 0 && i.code === "unrecognized_keys");
  const [best = []] = [...branches].sort((a, b) => strangers(a).length - strangers(b).length || a.length - b.length);
  if (branches.length > 1 && isMap(value) && Object.keys(value).length === 0) {
    return [{ path, message: `is empty; give one of ${knownKeys(issue.path, values).join(", ")}` }];
  }
  // Keys of no branch: what one of the branches misses beside them is not what is wrong.
  const meant = branches.length > 1 && strangers(best).length > 0 ? strangers(best) : best;
  return toProblems(
    meant.map((i) => ({ ...i, path: [...issue.path, ...i.path] })),
    values,
    stack,
  );
}

function sentence(value: unknown, what: string): string {
  return value === undefined ? `is missing; ${what}` : `is ${shown(value)}; ${what}`;
}

/** A value in few words: it stands in the middle of a sentence. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isMap(value)) return "secure" in value ? "an encrypted value" : "a map";
  if (typeof value === "number") return numberText(value);
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…"` : text;
}

const longest = 100;

/** As YAML writes it. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  return Number.isFinite(value) ? String(value) : `${value < 0 ? "-" : ""}.inf`;
}

function remedy(issue: Issue, value: unknown): string {
  if (issue.code === "invalid_type") return `give ${aKind(issue.expected)}${withoutUnit(issue.expected, value)}`;
  if (issue.code === "invalid_value") return oneOf(issue.values, value);
  if (issue.code === "too_small") return `the least is ${amount(issue.minimum, issue.origin)}`;
  if (issue.code === "too_big") return `the most is ${amount(issue.maximum, issue.origin)}`;
  return issue.message;
}

/** ` without a unit, 5` for the text "5s" or "5 %" where a number is expected. */
function withoutUnit(expected: string, value: unknown): string {
  const [, number] = /^(\d+(?:\.\d+)?) ?(?:s|%)$/.exec(typeof value === "string" ? value : "") ?? [];
  return number !== undefined && (expected === "number" || expected === "int") ? ` without a unit, ${number}` : "";
}

function amount(limit: number | bigint, origin: string): string {
  const units: Record<string, string> = { string: "character", array: "entry" };
  const unit = units[origin];
  return unit === undefined ? String(limit) : plural(limit, unit);
}

function oneOf(choices: readonly unknown[], value: unknown): string {
  const texts = choices.map(String);
  const near = typeof value === "string" ? nearest(value, texts) : undefined;
  return `give one of ${texts.join(", ")}${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

function aKind(expected: string): string {
  const names: Record<string, string> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    object: "a map",
    record: "a map",
    array: "a list",
  };
  return names[expected] ?? expected;
}
