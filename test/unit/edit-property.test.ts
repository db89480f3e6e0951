import { strict as assert } from "node:assert";
import fc from "fast-check";
import { isMap, isScalar, type Node, type Pair, parseDocument } from "yaml";
import { editYaml } from "../../automation/yaml-edit";
import { yamlTexts } from "../yaml-text";

type Keyed = Record<string, unknown>;

const newValues = fc.constantFrom<unknown[]>(
  ...[7, "v2", "^.+$", true, "", "010", "two\nlines", null],
  ...[{ a: 1 }, { image: "a:1", x: { "b c": [1, "2"] } }, {}, [], ["a", { b: 1 }], undefined, undefined, undefined],
);

/** A text, and the path of a value in it or of a new key. */
const edits = yamlTexts.chain((text) => {
  const paths = pathsOf(parseDocument(text).toJS()).filter(([top, key]) => top === "config" && key !== undefined);
  const fresh = paths.map((path) => [...path.slice(0, -1), "fresh"]);
  return fc.record({
    text: fc.constant(text),
    path: fc.constantFrom(...paths, ...fresh, ["config", "fresh"], ["config", "fresh", "below"]),
    value: newValues,
  });
});

/** Paths of keys alone: an edit goes through no list. */
function pathsOf(value: unknown): string[][] {
  if (!isKeyed(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...pathsOf(inner).map((path) => [key, ...path])]);
}

function isKeyed(value: unknown): value is Keyed {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the file has to say after an edit. */
function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (value === undefined && !(isKeyed(whole) && Object.hasOwn(whole, key))) return whole;
  const copy = new Map(Object.entries(isKeyed(whole) ? whole : {}));
  const inner = withValue(copy.get(key), rest, value);
  if (inner === undefined) copy.delete(key);
  else copy.set(key, inner);
  return Object.fromEntries(copy);
}

/**
 * What of a text an edit may change, as offsets: from the line of the innermost key on the way to the path that the file
 * has, to the end of its value. A map that loses its only key has to be written in another way, from the line of its own.
 */
function placeOf(text: string, path: readonly string[], value: unknown): [start: number, end: number] {
  let node: unknown = parseDocument(text).contents;
  let place: [number, number] = [0, text.length];
  for (const key of path) {
    if (!isMap(node)) break;
    const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (pair === undefined) break;
    const { range } = pair.key as Node;
    const end = (pair.value as Node | null)?.range?.[2] ?? range?.[2] ?? text.length;
    const start = value === undefined && node.items.length === 1 ? place[0] : (range?.[0] ?? 0);
    const [comma = ""] = /^\s*,\s*/.exec(text.slice(end)) ?? [];
    place = [text.lastIndexOf("\n", start - 1) + 1, end + comma.length];
    node = pair.value;
  }
  return place;
}

/** Without the forms that an edit leaves to the library, which prints all of the file anew. */
const usual = edits.filter(({ text }) => !/^\s*(- )?\? |!!/m.test(text));
const withoutAliases = usual.filter(({ text }) => !/[:[,-]\s*\*n\d/.test(text));

/** Whether a map that is not empty gets one more key. */
function isNewKey(whole: unknown, path: readonly string[]): boolean {
  const parent = path.slice(0, -1).reduce<unknown>((inner, key) => (isKeyed(inner) ? inner[key] : undefined), whole);
  return isKeyed(parent) && Object.keys(parent).length > 0 && !Object.hasOwn(parent, path.at(-1) ?? "");
}

const commentsOf = (text: string): string[] => text.match(/# (c\d+\.|top|end)/g) ?? [];

describe("an edit of any YAML", function () {
  const numRuns = Number(process.env["FTGO_RUNS"] ?? 100);

  it("sets that value and no other", () => {
    fc.assert(
      fc.property(edits, ({ text, path, value }) => {
        const before: unknown = parseDocument(text).toJS();
        const edited = editYaml(text, path, value);
        const after = parseDocument(edited);
        assert.deepEqual(after.errors, []);
        assert.deepEqual(after.toJS(), withValue(before, path, value), edited);
      }),
      { numRuns },
    );
  });

  it("keeps everything outside of it byte for byte", () => {
    fc.assert(
      fc.property(withoutAliases, ({ text, path, value }) => {
        const edited = editYaml(text, path, value);
        const [start, end] = placeOf(text, path, value);
        assert.ok(edited.startsWith(text.slice(0, start)), edited);
        assert.ok(edited.endsWith(text.slice(end)), edited);
      }),
      { numRuns },
    );
  });

  it("puts a new key in without touching what is there", () => {
    const inMaps = withoutAliases.filter(
      ({ text, path, value }) => isNewKey(parseDocument(text).toJS(), path) && value !== undefined,
    );
    fc.assert(
      fc.property(inMaps, ({ text, path, value }) => {
        const edited = editYaml(text, path, value);
        const before = text.split("").findIndex((character, index) => edited[index] !== character);
        const behind = text.slice(before);
        assert.ok(before < 0 || edited.endsWith(behind), edited);
      }),
      { numRuns },
    );
  });

  it("keeps every comment outside of it, also where aliases have to be written out", () => {
    fc.assert(
      fc.property(usual, ({ text, path, value }) => {
        const [start, end] = placeOf(text, path, value);
        const kept = [...commentsOf(text.slice(0, start)), ...commentsOf(text.slice(end))];
        const found = commentsOf(editYaml(text, path, value));
        assert.deepEqual(
          kept.filter((comment) => !found.includes(comment)),
          [],
        );
      }),
      { numRuns },
    );
  });
});
