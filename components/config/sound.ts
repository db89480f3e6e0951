import type { z } from "zod";
import { knownKeys } from "./known-keys";
import { isMap, valueAt } from "./maps";
import { nearest } from "./problems";

type Path = readonly PropertyKey[];

/** Thrown by whoever reads a value that the schema has refused. */
class Unsound extends Error {}

/**
 * What a schema makes of the value at a path without what it refuses there, so that the rules can be held against the rest.
 * Who reads what was refused is stopped: what a rule says of it is not known before it is put right.
 * @returns undefined when nothing is left
 */
export function soundPart<T>(schema: z.ZodType<T>, values: unknown, path: Path): T | undefined {
  const refused: Path[] = [];
  for (let rest = valueAt(values, path); ;) {
    const { data, error } = schema.safeParse(rest);
    if (error === undefined) return refused.length === 0 ? data : guarded(data, refused);
    for (const issue of error.issues) {
      const known = issue.code === "unrecognized_keys" ? knownKeys([...path, ...issue.path], values) : [];
      for (const wrong of pathsOf(issue)) {
        const cut = nearestKey(rest, wrong);
        if (cut === undefined) return undefined;
        rest = without(rest, cut);
        const meant = nearest(String(cut.at(-1)), known);
        refused.push(cut, ...(meant === undefined ? [] : [[...cut.slice(0, -1), meant]]));
      }
    }
  }
}

/** What a rule says; nothing when it depends on a refused value. */
export function ifSound<T>(rule: () => T[]): T[] {
  try {
    return rule();
  } catch (error) {
    if (error instanceof Unsound) return [];
    throw error;
  }
}

function pathsOf(issue: z.core.$ZodIssue): Path[] {
  if (issue.code !== "unrecognized_keys") return [issue.path];
  // Beside an encrypted value, or what was to be merged, nothing of its map is to be seen.
  return issue.keys.map((key) => (key === "secure" || key === "<<" ? issue.path : [...issue.path, key]));
}

/**
 * The key that can be taken out: of a value that is missing, the one of what misses it; of a list's entry, the list's,
 * because without it the others would move.
 */
function nearestKey(value: unknown, path: Path): Path | undefined {
  if (path.length === 0) return undefined;
  const isKey = typeof path.at(-1) === "string" && valueAt(value, path) !== undefined;
  return isKey ? path : nearestKey(value, path.slice(0, -1));
}

function without(value: unknown, [key, ...below]: Path): unknown {
  if (key === undefined) return value;
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? without(item, below) : (item as unknown)));
  const entries = Object.entries(value as object).filter(([name]) => below.length > 0 || name !== key);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, name === key ? without(item, below) : (item as unknown)]),
  );
}

function guarded<T>(data: T, refused: readonly Path[]): T {
  const copy = structuredClone(data);
  for (const path of refused) {
    const parent = valueAt(copy, path.slice(0, -1));
    const get = () => {
      throw new Unsound();
    };
    if (isMap(parent)) Object.defineProperty(parent, path.at(-1) ?? "", { get, enumerable: true, configurable: true });
  }
  return copy;
}
