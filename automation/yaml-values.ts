import { Document, isMap, isScalar, type Node, type Scalar, type ToStringOptions, visit } from "yaml";

/** The value on one line, as it may stand inside a flow map. */
export function inline(value: unknown, quotes?: Scalar["type"]): string {
  const node = toNode({ k: value });
  const content = isMap(node) ? node.get("k", true) : undefined;
  if (isScalar(content) && keepsQuotes(value, quotes)) content.type = quotes;
  const map = new Document(node).toString({ ...printing, collectionStyle: "flow" });
  return map.trim().slice("{ k: ".length, -" }".length).replace(unprintable, escaped);
}

/** No line is folded. */
export const printing: ToStringOptions = { lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity };

/**
 * A text that every reader takes for one, wherever it stands. Pulumi's reader is another one than ours: it takes more for
 * numbers and dates, and does not take all that YAML allows without quotes.
 */
const plainWord = /^[A-Za-z/][\w./-]*(:[\w./-]+)*$/;
const keyword = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** The value as a node whose texts are quoted unless they are plain words. */
export function toNode(value: unknown): Node | null {
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
