import { distance } from "fastest-levenshtein";
import type { z } from "zod";

/** One thing that is wrong in a stack file: where, and what would be right. */
export interface Problem {
  /** Path below `ftgo:`, such as `services.consumer.canary.weight`. */
  readonly path: string;
  /** Continues a sentence that begins with the path. */
  readonly message: string;
}

/** The stack config cannot be used. The message lists every problem at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(
    readonly problems: readonly Problem[],
    /** What was read: a file's path, or the stack. */
    readonly source: string,
  ) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      [`${source}: ${count}; nothing was changed`, ...problems.map((p) => `  ftgo:${p.path} ${p.message}`)].join("\n"),
    );
  }
}

/** `; did you mean "x"?` for the candidate that is near enough, else the list of candidates, else nothing. */
export function closest(given: string, candidates: readonly string[]): string {
  const [best] = [...candidates].sort((a, b) => distance(given, a) - distance(given, b));
  if (best === undefined) return "";
  if (distance(given, best) <= Math.max(1, Math.floor(given.length / 3))) return `; did you mean "${best}"?`;
  return candidates.length <= 12 ? `; there is ${candidates.join(", ")}` : "";
}

/** A schema's complaints as sentences. `input` is what was checked, `keysAt` lists the keys allowed at a path. */
export function toProblems(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  keysAt: (path: readonly PropertyKey[]) => string[],
): Problem[] {
  return issues.flatMap((issue) => {
    const path = formatPath(issue.path);
    const value = valueAt(input, issue.path);
    // What stands in the place of a secret may be the secret: it is never shown.
    if (issue.path[0] === "secrets" && issue.code !== "unrecognized_keys") {
      const problem = value === undefined ? "is missing" : "is not encrypted";
      return [{ path, message: `${problem}; run \`pulumi config set --secret --path secrets.databasePassword\`` }];
    }
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => ({
          path: formatPath([...issue.path, key]),
          message: `is not a known key${closest(key, keysAt(issue.path))}`,
        }));
      case "invalid_union":
        return unionProblems(issue, input, keysAt);
      case "invalid_key":
        return [{ path, message: `has a name that cannot be used: ${issue.issues[0]?.message ?? issue.message}` }];
      case "invalid_type":
        return [
          {
            path,
            message:
              value === undefined
                ? `is missing; give ${aKind(issue.expected)}`
                : wrong(value, `give ${aKind(issue.expected)}`),
          },
        ];
      case "too_small":
        return [{ path, message: wrong(value, `the least is ${issue.minimum}`) }];
      case "too_big":
        return [{ path, message: wrong(value, `the most is ${issue.maximum}`) }];
      case "invalid_value":
        return [
          {
            path,
            message:
              value === undefined
                ? `is missing; give one of ${issue.values.join(", ")}`
                : wrong(
                    value,
                    `give one of ${issue.values.join(", ")}${typeof value === "string" ? closest(value, issue.values.map(String)).replace(/; there is.*/, "") : ""}`,
                  ),
          },
        ];
      default:
        return [{ path, message: value === undefined ? issue.message : wrong(value, issue.message) }];
    }
  });
}

/** Of a union's branches the one with the fewest complaints is what was meant. */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  input: unknown,
  keysAt: (path: readonly PropertyKey[]) => string[],
): Problem[] {
  if (issue.errors.length === 0) {
    const value = valueAt(input, issue.path);
    const { options = [] } = issue as { options?: unknown[] };
    const choices = options.map(String);
    const remedy = `give one of ${choices.join(", ")}`;
    const message = value === undefined ? `is missing; ${remedy}` : wrong(value, remedy);
    return [{ path: formatPath(issue.path), message }];
  }
  const fitting = issue.errors.filter(
    (branch) => !branch.some((i) => i.path.length === 0 && i.code === "invalid_type"),
  );
  if (fitting.length === 0) {
    const kinds = issue.errors.flatMap((branch) =>
      branch.flatMap((i) => (i.code === "invalid_type" ? [aKind(i.expected)] : [])),
    );
    return [
      {
        path: formatPath(issue.path),
        message: wrong(valueAt(input, issue.path), `give ${[...new Set(kinds)].join(" or ")}`),
      },
    ];
  }
  const [best = []] = [...fitting].sort((a, b) => a.length - b.length);
  return toProblems(
    best.map((i) => ({ ...i, path: [...issue.path, ...i.path] })),
    input,
    keysAt,
  );
}

/** `services.consumer.mounts[0].volume` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) =>
      typeof key === "number" ? `[${key}]` : /^[\w-]+$/.test(String(key)) ? `.${String(key)}` : `["${String(key)}"]`,
    )
    .join("")
    .replace(/^\./, "");
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

function wrong(value: unknown, remedy: string): string {
  const shown =
    typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "a map") : JSON.stringify(value);
  return `is ${shown}; ${remedy}`;
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
