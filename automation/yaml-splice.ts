import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { inline } from "./yaml-values";

/** Keys from the top of the document downwards. */
export type Path = readonly string[];

export function parse(text: string): Document {
  return parseDocument(text, { keepSourceTokens: true });
}

/**
 * The text with the value at a path set or removed in its place: the library finds it, and only the characters there are
 * replaced. Undefined when the place has a form that is left to the library.
 */
export function splice(text: string, document: Document, path: Path, value: unknown): string | undefined {
  const key = path.at(-1);
  if (key === undefined) return undefined;
  const parent = nodeAt(document, path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  const pair = pairOf(parent, key);
  if (pair === undefined) return value === undefined ? text : insertPair(text, parent, key, value);
  if (value !== undefined) return replaceValue(text, pair, value);
  const removed = removePair(text, parent, pair);
  if (removed === undefined || parent.flow || parent.items.length > 1) return removed;
  return splice(removed, parse(removed), path.slice(0, -1), {});
}

function replaceValue(text: string, pair: Pair, value: unknown): string | undefined {
  const keyEnd = rangeOf(pair.key)?.[1];
  const [start] = rangeOf(pair.value) ?? [];
  const end = endOf(pair.value);
  if (keyEnd === undefined || start === undefined || end === undefined) return undefined;
  const quotes = isScalar(pair.value) && typeof pair.value.value === "string" ? pair.value.type : undefined;
  const fresh = inline(value, quotes);
  if (text.slice(keyEnd, start).includes("\n") || /^[|>]/.test(text.slice(start, end))) {
    return replaceLines(text, [keyEnd, end], fresh);
  }
  // `key:` without a value has its place right after the colon, and before a comment.
  const before = start === end && !/\s/.test(text[start - 1] ?? "") ? " " : "";
  const behind = text[end] === "#" ? " " : "";
  return text.slice(0, start) + before + fresh + behind + text.slice(end);
}

/** The lines that a value has below its key give way to a value beside it. A comment behind the key stays there. */
function replaceLines(text: string, [keyEnd, end]: [number, number], fresh: string): string | undefined {
  const [head = ""] = /^.*/.exec(text.slice(keyEnd)) ?? [];
  const [colon] = /^\s*:/.exec(head) ?? [];
  if (colon === undefined) return undefined;
  const [comment = ""] = /\s+#.*/.exec(head) ?? [];
  const below = text[end - 1] === "\n" ? lineEndOf(text) + text.slice(end) : text.slice(end).replace(/^[\t ]*#.*/, "");
  return text.slice(0, keyEnd) + colon + " " + fresh + comment + below;
}

export function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function insertPair(text: string, map: YAMLMap, key: string, value: unknown): string | undefined {
  const entry = `${inline(key)}: ${inline(value)}`;
  const last = map.items.at(-1);
  const lastEnd = last && endOf(last);
  if (map.flow) {
    if (lastEnd !== undefined) return `${text.slice(0, lastEnd)}, ${entry}${text.slice(lastEnd)}`;
    const [start, end] = rangeOf(map) ?? [];
    return start === undefined || end === undefined
      ? undefined
      : `${text.slice(0, start)}{ ${entry} }${text.slice(end)}`;
  }
  const first = rangeOf(map.items[0]?.key)?.[0];
  if (first === undefined || lastEnd === undefined) return undefined;
  const newline = lineEndOf(text);
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
  const end = endOf(pair);
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

/** Start of a node, and the end of its value without what follows on the line. */
export function rangeOf(node: unknown): [number, number] | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
}

/** What stands at a path. Keys are compared as texts: `1:` is a number to the library. */
export function nodeAt(document: Document, path: Path): unknown {
  return path.reduce<unknown>((node, key) => (isMap(node) ? pairOf(node, key)?.value : undefined), document.contents);
}

export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
}

/** The end of a value. The library counts what comes behind an empty one to the map or list that it is the last of. */
function endOf(node: unknown): number | undefined {
  if (isPair(node)) return endOf(node.value) ?? endOf(node.key);
  const last = isCollection(node) && !node.flow ? node.items.at(-1) : undefined;
  return last === undefined ? rangeOf(node)?.[1] : endOf(last);
}
