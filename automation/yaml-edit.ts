import { isDeepStrictEqual } from "node:util";
import {
  type Alias,
  Document,
  isMap,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type ToStringOptions,
  visit,
  type YAMLMap,
} from "yaml";
import { UsageError } from "./errors";

/** Keys from the top of the document downwards. */
export type Path = readonly string[];

/**
 * The text with the value at a path set, or removed when `value` is undefined. No other value changes.
 *
 * The library finds the place; only the characters there are replaced, so comments, order, blank lines, quotes and line
 * ends elsewhere stay as they are. What cannot be placed so (explicit keys) is printed anew by the library, which keeps
 * comments and order.
 * @throws UsageError when it can be done in neither way
 */
export function editYaml(text: string, path: Path, value: unknown): string {
  const document = parse(text);
  const whole: unknown = document.toJS();
  const current = valueAt(whole, path);
  if (isDeepStrictEqual(current, value)) return text;
  const shared = sharedBy(document, path);
  if (shared.length > 0) return editYaml(writeOut(text, document, shared), path, value);
  // A map over a map is edited key by key, so that what stays the same keeps its comments.
  if (isMap(document.getIn(path)) && isPlainMap(current) && isPlainMap(value)) {
    // Keys go last: a map that is empty in between would have to be printed in another form.
    const gone = Object.keys(current).filter((key) => ownValue(value, key) === undefined);
    const keys = [...Object.keys(value), ...gone];
    return keys.reduce((edited, key) => editYaml(edited, [...path, key], ownValue(value, key)), text);
  }
  const parentPath = path.slice(0, -1);
  const key = path.at(-1);
  if (key !== undefined && parentPath.length > 0 && !isMap(document.getIn(parentPath))) {
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

function parse(text: string): Document {
  return parseDocument(text, { keepSourceTokens: true });
}

function says(text: string, wanted: unknown): boolean {
  const document = parse(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted);
}

/** The whole file, printed by the library. */
function print(text: string, path: Path, value: unknown): string {
  const document = parse(text);
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, toNode(value));
  const printed = document.toString(printing);
  return text.includes("\r\n") ? printed.replaceAll("\n", "\r\n") : printed;
}

/** The aliases through which an edit would change other values too, or which stand in its way. */
function sharedBy(document: Document, path: Path): Alias[] {
  const way = path.map((_, index) => document.getIn(path.slice(0, index + 1), true));
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

/** The value on one line, as it may stand inside a flow map. */
function inline(value: unknown, quotes?: Scalar["type"]): string {
  const node = toNode({ k: value });
  const content = isMap(node) ? node.get("k", true) : undefined;
  if (isScalar(content) && keepsQuotes(value, quotes)) content.type = quotes;
  const map = new Document(node).toString({ ...printing, collectionStyle: "flow" });
  return map.trim().slice("{ k: ".length, -" }".length).replace(unprintable, escaped);
}

const printing: ToStringOptions = { lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity };

/**
 * A text that every reader takes for one, wherever it stands. Pulumi's reader is another one than ours: it takes more for
 * numbers and dates, and does not take all that YAML allows without quotes.
 */
const plainWord = /^[A-Za-z/][\w./-]*(:[\w./-]+)*$/;
const keyword = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** The value as a node whose texts are quoted unless they are plain words. */
function toNode(value: unknown): Node | null {
  const node = new Document<Node>(value, { aliasDuplicateObjects: false }).contents;
  visit(node, {
    Scalar: (_, scalar) => {
      const text = scalar.value;
      if (typeof text === "string" && (!plainWord.test(text) || keyword.test(text))) scalar.type = "QUOTE_DOUBLE";
    },
  });
  return node;
}

/** Whether a text may have the quotes of the one before it. */
function keepsQuotes(value: unknown, quotes: Scalar["type"]): boolean {
  if (typeof value !== "string") return false;
  return quotes === "QUOTE_DOUBLE" || (quotes === "QUOTE_SINGLE" && /^[ -~]*$/.test(value));
}

/** What Pulumi's reader refuses as it is, and takes as an escape. */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Start of a node, and the end of its value without what follows on the line. */
function rangeOf(node: unknown): [number, number] | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
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

function isPlainMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
