import fc from "fast-check";
import { parseDocument } from "yaml";

/** How one value is written. Anchors and aliases are numbers, because only the text as a whole knows what there is to name. */
interface Written {
  readonly form: "scalar" | "lines" | "map" | "flow map" | "list" | "flow list" | "alias";
  /** Of a scalar: as it stands in the file. */
  readonly scalar: string;
  readonly entries: readonly Entry[];
  readonly anchored: boolean;
  /** Which of the anchors so far an alias names. */
  readonly named: number;
}

interface Entry {
  readonly key: string;
  readonly value: Written;
  /** Between colon and value, after a comma, and so on. */
  readonly gap: string;
  readonly commentAbove: boolean;
  readonly commentBehind: boolean;
  readonly blankAbove: boolean;
}

interface Style {
  readonly indent: number;
  readonly isListIndented: boolean;
  readonly lineEnd: "\n" | "\r\n";
  readonly first: string;
  readonly last: string;
  readonly hasLastNewline: boolean;
}

const scalars = fc.constantFrom(
  ...[
    "a",
    "5",
    "0",
    "v2",
    "true",
    "",
    "~",
    "a/b:1",
    "b c",
    '"q, {x} # y"',
    "'it''s'",
    '"é \\n"',
    "''",
    "!!str 5",
    "1.50",
  ],
  ...['"two\n\nlines"', "plain on\ntwo lines"],
);
const keys = fc.constantFrom("a", "b", "c", "image", "v1", '"x y"', "'q'", "1", "constructor", "a.b", "? e");
const gaps = fc.constantFrom(" ", " ", "  ", "\t");

const { value } = fc.letrec<{ value: Written; entry: Entry }>((tie) => ({
  value: fc.record({
    form: fc.constantFrom<Written["form"][]>(
      "scalar",
      "scalar",
      "lines",
      "map",
      "map",
      "flow map",
      "list",
      "flow list",
      "alias",
    ),
    scalar: scalars,
    entries: fc.oneof({ maxDepth: 3, depthIdentifier: "yaml" }, fc.constant([]), {
      arbitrary: fc.uniqueArray(tie("entry"), { minLength: 1, maxLength: 4, selector: ({ key }) => key }),
      weight: 4,
    }),
    anchored: fc.boolean(),
    named: fc.nat(9),
  }),
  entry: fc.record({
    key: keys,
    value: tie("value"),
    gap: gaps,
    commentAbove: fc.boolean(),
    commentBehind: fc.boolean(),
    blankAbove: fc.boolean(),
  }),
}));

const styles: fc.Arbitrary<Style> = fc.record({
  indent: fc.constantFrom(2, 3, 4),
  isListIndented: fc.boolean(),
  lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
  first: fc.constantFrom("", "", "# top\n", "---\n", "\uFEFF", "\n\n"),
  last: fc.constantFrom("", "", "other: *n1 # end\n", "# end\n", "...\n", "\n\nother: { a: b }   \n"),
  hasLastNewline: fc.boolean(),
});

function isSound(text: string): boolean {
  const document = parseDocument(text);
  const hasAnchors = document.errors.length === 0 && !text.includes("*n1 # end");
  return hasAnchors || (document.errors.length === 0 && text.includes("&n1 "));
}

/** Texts of stack files in YAML as people write them: block and flow style, quotes, comments, blank lines, anchors, odd spaces, line ends. */
export const yamlTexts = fc
  .tuple(value, styles)
  .map(([config, style]) =>
    new Writer(style).write({ ...config, form: config.form === "flow map" ? "flow map" : "map" }),
  )
  .filter(isSound);

/** Writes one text; each comment and anchor in it has a number of its own. */
class Writer {
  private comments = 0;
  private reserved = 0;
  private readonly anchors: string[] = [];

  constructor(private readonly style: Style) {}

  write(config: Written): string {
    const { first, last, lineEnd, hasLastNewline } = this.style;
    const entry = {
      key: "config",
      value: config,
      gap: " ",
      commentAbove: false,
      commentBehind: true,
      blankAbove: false,
    };
    const text = `${first}${this.line(entry, 0, false)}${last}`.replace(/\n$/, hasLastNewline ? "\n" : "");
    return text.replaceAll("\n", lineEnd);
  }

  private block(entries: readonly Entry[], depth: number, isList: boolean): string {
    return entries.map((entry) => this.line(entry, depth, isList)).join("");
  }

  private line({ key, value, ...entry }: Entry, depth: number, isList: boolean): string {
    const indent = " ".repeat(depth);
    const above = `${entry.blankAbove ? "\n" : ""}${entry.commentAbove ? `${indent}${this.comment()}\n` : ""}`;
    const name = isList ? "-" : key.startsWith("?") ? `${key}\n${indent}:` : `${key}:`;
    const behind = entry.commentBehind ? ` ${this.comment()}` : "";
    const { anchored, entries } = value;
    if ((value.form === "map" || value.form === "list") && entries.length > 0) {
      const isInner = value.form === "list";
      const inner = depth + (isInner && !isList && !this.style.isListIndented ? 0 : this.style.indent);
      const anchor = anchored ? this.reserve() : undefined;
      const block = this.block(entries, inner, isInner);
      return `${above}${indent}${name}${anchor ? ` ${this.anchor(anchor)}` : ""}${behind}\n${block}`;
    }
    if (value.form === "lines") {
      const lines = ["one", "", "  two"].map((text) =>
        text ? `${indent}${" ".repeat(this.style.indent)}${text}` : "",
      );
      return `${above}${indent}${name} ${anchored ? `${this.anchor()} ` : ""}|${behind}\n${lines.join("\n")}\n`;
    }
    const written = this.inline(value, entry.gap).replace(/\n(?!\n)/g, `\n${indent}${" ".repeat(this.style.indent)}`);
    return `${above}${indent}${name}${written === "" ? "" : entry.gap}${written}${behind}\n`;
  }

  /** On one line. In a flow map plain texts may not hold what ends them there. */
  private inline({ form, scalar, entries, anchored, named }: Written, gap: string, isInside = false): string {
    if (form === "alias" && this.anchors.length > 0)
      return `*${this.anchors[named % this.anchors.length] ?? ""}${isInside ? " " : ""}`;
    const name = anchored ? this.reserve() : undefined;
    const anchor = () => (name ? `${this.anchor(name)} ` : "");
    if (form === "flow map" || form === "flow list") {
      const isList = form === "flow list";
      const items = entries.map(({ key, value, gap }) => {
        const item = this.inline(value, gap, true);
        return isList ? item || "x" : `${key.replace("? ", "")}:${item === "" ? "" : gap.replace("\t", " ")}${item}`;
      });
      const [open, close] = isList ? ["[", "]"] : ["{", "}"];
      return `${anchor()}${open}${gap}${items.join(`,${gap}`)}${gap}${close}`;
    }
    return `${anchor()}${isInside && scalar.includes("\n") ? "w" : scalar}`.trimEnd();
  }

  private comment(): string {
    return `# c${(this.comments += 1)}.`;
  }

  private reserve(): string {
    return `n${(this.reserved += 1)}`;
  }

  /** Called when what is anchored is written: what is inside cannot name it. */
  private anchor(name = this.reserve()): string {
    this.anchors.push(name);
    return `&${name}`;
  }
}
