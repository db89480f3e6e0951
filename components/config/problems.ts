import { distance } from "fastest-levenshtein";

/** One thing that is wrong in a stack file: where, and what would be right. */
export interface Problem {
  /** Key in the stack file, such as `ftgo:services.consumer.canary.weight`. */
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
    const lines = problems.map(({ path, message }) => `  ${path} ${message}`);
    super([`${source}: ${plural(problems.length, "problem")}; nothing was changed`, ...lines].join("\n"));
  }
}

/** The candidate that a text is likely to stand for: nearly the same, whatever its case, or one of its words. */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  const text = given.toLowerCase();
  const far = (candidate: string) => distance(text, candidate.toLowerCase());
  const [best] = [...candidates].sort((a, b) => far(a) - far(b));
  if (best !== undefined && far(best) <= Math.ceil(text.length / 3)) return best;
  return candidates.find((candidate) => text.split(/[^a-z0-9]/).includes(candidate));
}

/** `; did you mean "x"?` for the candidate that is near enough, else the list of candidates, else nothing. */
export function closest(given: string, candidates: readonly string[]): string {
  const near = nearest(given, candidates);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return candidates.length > 0 && candidates.length <= 40 ? `; there is ${candidates.join(", ")}` : "";
}

/** `services.consumer.mounts[0].volume`; the first key is as the file has it. */
export function formatPath([first = "", ...below]: readonly PropertyKey[]): string {
  return String(first) + below.map(formatKey).join("");
}

function formatKey(key: PropertyKey): string {
  if (typeof key === "number") return `[${key}]`;
  const text = String(key);
  return /^[\w-]+$/.test(text) ? `.${text}` : `["${text}"]`;
}

/**
 * What a person types to set a secret of a stack or to take it out, as it is written in a message.
 * @param path as `formatPath` gives it. @param stack @default the one that is selected
 */
export function configCommand(verb: "set" | "rm", path: string, stack?: string): string {
  const quoted = /^[\w.-]+$/.test(path) ? path : `'${path}'`;
  const options = [stack === undefined ? "" : `--stack ${stack} `, verb === "set" ? "--secret " : ""].join("");
  return `\`pulumi config ${verb} ${options}--path ${quoted}\``;
}

/** `1 problem`, `2 problems` */
export function plural(count: number | bigint, noun: string): string {
  return `${count} ${Number(count) === 1 ? noun : `${noun}s`.replace(/ys$/, "ies")}`;
}

/** What is named more than once in a list. */
export function checkRepeated(path: string, values: readonly string[]): Problem[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index ? [{ path: `${path}[${index}]`, message: `is "${value}" again; name it once` }] : [],
  );
}
