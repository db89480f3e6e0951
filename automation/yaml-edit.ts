import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isMap,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  stringify,
  type YAMLMap,
} from "yaml";

/** Keys from the top of the document downwards. */
export type Path = readonly string[];

/**
 * The text with the value at a path set, or removed when `value` is undefined.
 *
 * The library finds the place; only the characters there are replaced, so comments, order, blank lines, quotes and line
 * ends elsewhere stay as they are. What cannot be placed so (anchors, explicit keys) is printed anew by the library,
 * which keeps comments and order.
 */
export function editYaml(text: string, path: Path, value: unknown): string {
  const document = parse(text);
  const whole: unknown = document.toJS();
  const current = valueAt(whole, path);
  if (isDeepStrictEqual(current, value)) return text;
  // A map over a map is edited key by key, so that what stays the same keeps its comments.
  if (isMap(document.getIn(path)) && isPlainMap(current) && isPlainMap(value)) {
    // Keys go last: a map that is empty in between would have to be printed in another form.
    const gone = Object.keys(current).filter((key) => value[key] === undefined);
    return [...Object.keys(value), ...gone].reduce((edited, key) => editYaml(edited, [...path, key], value[key]), text);
  }
  const parentPath = path.slice(0, -1);
  const key = path.at(-1);
  if (key !== undefined && parentPath.length > 0 && !isMap(document.getIn(parentPath))) {
    // The parent has no keys of its own (`restaurant:`, or an alias): it is set as a whole.
    const parent = valueAt(whole, parentPath);
    return editYaml(text, parentPath, { ...(isPlainMap(parent) ? parent : {}), [key]: value });
  }
  const wanted = parse(text);
  if (value === undefined) wanted.deleteIn(path);
  else wanted.setIn(path, value);
  const spliced = splice(text, document, path, value);
  if (spliced !== undefined && says(spliced, wanted)) return spliced;
  const printed = wanted.toString({ lineWidth: 0 });
  return text.includes("\r\n") ? printed.replaceAll("\n", "\r\n") : printed;
}

function parse(text: string): Document {
  return parseDocument(text, { keepSourceTokens: true });
}

function says(text: string, wanted: Document): boolean {
  const document = parse(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted.toJS());
}

/** Undefined when the place has a form that is left to the library. */
function splice(text: string, document: Document, path: Path, value: unknown): string | undefined {
  const key = path.at(-1);
  if (key === undefined) return undefined;
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  if (pair === undefined) return value === undefined ? text : insertPair(text, parent, key, value);
  return value === undefined ? removePair(text, parent, pair) : replaceValue(text, pair, value);
}

function replaceValue(text: string, pair: Pair, value: unknown): string | undefined {
  const [start, end] = rangeOf(pair.value) ?? [];
  if (start === undefined || end === undefined) return undefined;
  const quotes = isScalar(pair.value) && typeof pair.value.value === "string" ? pair.value.type : undefined;
  // `key:` without a value has its place right after the colon.
  const gap = start === end && text[start - 1] === ":" ? " " : "";
  return text.slice(0, start) + gap + inline(value, quotes) + text.slice(end);
}

function insertPair(text: string, map: YAMLMap, key: string, value: unknown): string | undefined {
  const entry = `${inline(key)}: ${inline(value)}`;
  const last = map.items.at(-1);
  const lastEnd = last && (rangeOf(last.value)?.[1] ?? rangeOf(last.key)?.[1]);
  if (map.flow) {
    if (lastEnd !== undefined) return `${text.slice(0, lastEnd)}, ${entry}${text.slice(lastEnd)}`;
    const [start, end] = rangeOf(map) ?? [];
    return start === undefined || end === undefined
      ? undefined
      : `${text.slice(0, start)}{ ${entry} }${text.slice(end)}`;
  }
  const first = rangeOf(map.items[0]?.key)?.[0];
  if (first === undefined || lastEnd === undefined) return undefined;
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lineStart = text.lastIndexOf("\n", first - 1) + 1;
  const indent = text.slice(lineStart, first);
  if (indent.trim() !== "") return undefined;
  if (text[lastEnd - 1] === "\n") return text.slice(0, lastEnd) + indent + entry + newline + text.slice(lastEnd);
  const lineEnd = text.indexOf("\n", lastEnd);
  if (lineEnd < 0) return text + newline + indent + entry + newline;
  return text.slice(0, lineEnd + 1) + indent + entry + newline + text.slice(lineEnd + 1);
}

function removePair(text: string, map: YAMLMap, pair: Pair): string | undefined {
  const start = rangeOf(pair.key)?.[0];
  const end = rangeOf(pair.value)?.[1] ?? rangeOf(pair.key)?.[1];
  if (start === undefined || end === undefined) return undefined;
  if (map.flow) {
    const following = /^\s*,\s*/.exec(text.slice(end));
    if (following) return text.slice(0, start) + text.slice(end + following[0].length);
    const preceding = /\s*,\s*$/.exec(text.slice(0, start));
    return text.slice(0, start - (preceding?.[0].length ?? 0)) + text.slice(end);
  }
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  if (text.slice(lineStart, start).trim() !== "") return undefined;
  if (text[end - 1] === "\n") return text.slice(0, lineStart) + text.slice(end);
  const lineEnd = text.indexOf("\n", end);
  return text.slice(0, lineStart) + (lineEnd < 0 ? "" : text.slice(lineEnd + 1));
}

/** The value on one line, quoted so that it may stand inside a flow map. */
function inline(value: unknown, quotes?: Scalar["type"]): string {
  const scalar = new Scalar(value);
  if (quotes === "QUOTE_DOUBLE" || quotes === "QUOTE_SINGLE") scalar.type = quotes;
  const content = typeof value === "string" ? scalar : value;
  const map = stringify({ k: content }, { collectionStyle: "flow", lineWidth: 0 });
  return map.trim().slice("{ k: ".length, -" }".length);
}

/** Start of a node, and the end of its value without what follows on the line. */
function rangeOf(node: unknown): [number, number] | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
}

function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce((value, key) => (isPlainMap(value) ? value[key] : undefined), whole);
}

function isPlainMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
