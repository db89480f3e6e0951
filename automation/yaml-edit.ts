import { isDeepStrictEqual } from "node:util";
import { type Alias, type Document, isMap, visit } from "yaml";
import { isMap as isPlainMap } from "../components/config/maps";
import { UsageError } from "./errors";
import { lineEndOf, nodeAt, pairOf, parse, type Path, rangeOf, splice } from "./yaml-splice";
import { inline, printing, toNode } from "./yaml-values";

export type { Path } from "./yaml-splice";

/**
 * The text with the value at a path set, or removed when `value` is undefined. No other value changes.
 *
 * The library finds the place; only the characters there are replaced, so comments, order, blank lines, quotes and line
 * ends elsewhere stay as they are. What cannot be placed so (explicit keys) is printed anew by the library, which keeps
 * comments and order.
 * @throws UsageError when it can be done in neither way
 */
export function editYaml(text: string, path: Path, given: unknown): string {
  const value = withoutUndefined(given);
  const document = parse(text);
  const whole: unknown = document.toJS();
  const current = valueAt(whole, path);
  if (isDeepStrictEqual(current, value)) return text;
  const shared = sharedBy(document, path);
  if (shared.length > 0) return editYaml(writeOut(text, document, shared), path, value);
  // A map over a map is edited key by key, so that what stays the same keeps its comments.
  if (isMap(nodeAt(document, path)) && isPlainMap(current) && isPlainMap(value)) {
    // Keys go last: a map that is empty in between would have to be printed in another form.
    const gone = Object.keys(current).filter((key) => ownValue(value, key) === undefined);
    const keys = [...Object.keys(value), ...gone];
    return keys.reduce((edited, key) => editYaml(edited, [...path, key], ownValue(value, key)), text);
  }
  const parentPath = path.slice(0, -1);
  const key = path.at(-1);
  if (key !== undefined && parentPath.length > 0 && !isMap(nodeAt(document, parentPath))) {
    // The parent has no keys of its own (`restaurant:`): it is set as a whole.
    const parent = valueAt(whole, parentPath);
    return editYaml(text, parentPath, { ...(isPlainMap(parent) ? parent : {}), [key]: value });
  }
  // What is wanted is told by plain values: a document with the edit could be wrong in the same way as the text.
  const wanted = withValue(whole, path, value);
  for (const attempt of [() => splice(text, document, path, value), () => print(text, path, value)]) {
    const edited = attempt();
    if (edited !== undefined && says(edited, wanted)) return edited;
  }
  throw new UsageError(
    `${path.join(".")} cannot be edited in the form that it has in the file; write it out as \`key: value\``,
  );
}

/** A key without a value is none, as in JSON. */
function withoutUndefined(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function says(text: string, wanted: unknown): boolean {
  const document = parse(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted);
}

/** The whole file, printed by the library. */
function print(text: string, path: Path, value: unknown): string | undefined {
  const document = parse(text.replaceAll("\r\n", "\n"));
  const parent = nodeAt(document, path.slice(0, -1));
  const key = path.at(-1);
  if (!isMap(parent) || key === undefined) return undefined;
  const pair = pairOf(parent, key);
  if (value === undefined) parent.items = parent.items.filter((item) => item !== pair);
  else if (pair !== undefined) pair.value = toNode(value);
  else parent.set(key, toNode(value));
  return document.toString(printing).replaceAll("\n", lineEndOf(text));
}

/** The aliases through which an edit would change other values too, or which stand in its way. */
function sharedBy(document: Document, path: Path): Alias[] {
  const way = path.map((_, index) => nodeAt(document, path.slice(0, index + 1)));
  const target = rangeOf(way.at(-1));
  const found: Alias[] = [];
  visit(document, {
    Alias: (_, alias) => {
      const source = alias.resolve(document);
      if (way.includes(alias) || way.includes(source) || isWithin(rangeOf(source), target)) found.push(alias);
    },
  });
  return found;
}

function isWithin(inner: [number, number] | undefined, outer: [number, number] | undefined): boolean {
  return inner !== undefined && outer !== undefined && outer[0] <= inner[0] && inner[1] <= outer[1];
}

/** The text with a copy of what they stand for in the place of aliases. An anchor that nothing names does no harm. */
function writeOut(text: string, document: Document, aliases: readonly Alias[]): string {
  return aliases.reduceRight((written, alias) => {
    const [start, end] = rangeOf(alias) ?? [0, 0];
    return written.slice(0, start) + inline(alias.toJS(document)) + written.slice(end);
  }, text);
}

function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce((value, key) => ownValue(value, key), whole);
}

/** Of what the file says alone: a key may be called `constructor`. */
function ownValue(value: unknown, key: string): unknown {
  return isPlainMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A copy with one value set, or removed when it is undefined. */
function withValue(whole: unknown, [key, ...below]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const entries = Object.entries(isPlainMap(whole) ? whole : {});
  const inner = withValue(ownValue(whole, key), below, value);
  const index = entries.findIndex(([name]) => name === key);
  if (inner === undefined) return Object.fromEntries(entries.filter(([name]) => name !== key));
  entries.splice(index < 0 ? entries.length : index, 1, [key, inner]);
  return Object.fromEntries(entries);
}
