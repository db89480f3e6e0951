import { z } from "zod";

/** What stands for itself: quoted text, an escaped character, a class. */
const literals = /\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?(?:(?<=\[\^?)\]|\\[^]|\[:\^?\w+:\]|[^\]\\])+\]/g;
/** Escapes that RE2 does not have; backreferences are among them. */
const strangeEscape = /\\[^afnrtvxdDsSwWbBAzpPQE0\W_]/;
/** Look-around, and a class that does not end: `[]` is none to RE2. */
const strangeSyntax = /\(\?<?[=!]|\[.?/;

/**
 * Why the mesh would refuse an expression, which it does only after the file is written; undefined when nothing is known
 * against it. There is no RE2 here: JavaScript must be able to read it, and it must have nothing that only JavaScript has.
 */
export function re2Problem(expression: string): string | undefined {
  const escape = strangeEscape.exec(expression.replaceAll("\\\\", ""))?.[0];
  if (escape !== undefined) return `has ${escape}, which RE2 does not have`;
  const bare = expression.replace(literals, "x");
  const syntax = strangeSyntax.exec(bare)?.[0];
  if (syntax !== undefined) return `has ${syntax}, which RE2 does not have`;
  try {
    const classes = (expression.match(literals) ?? []).filter((literal) => literal.startsWith("["));
    for (const part of [inJavaScript(bare), ...classes]) new RegExp(part);
    return undefined;
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}

/** Flags inside an expression, and names of groups, are written in another way. */
function inJavaScript(expression: string): string {
  return expression
    .replace(/\(\?[imsU]*(?:-[imsU]+)?\)/g, "")
    .replace(/\(\?[imsU]*(?:-[imsU]+)?:/g, "(?:")
    .replaceAll("(?P<", "(?<");
}

/** An expression in the syntax of RE2, which is what the mesh matches by. */
export const re2 = z.string().check((given) => {
  const problem = re2Problem(given.value);
  if (problem !== undefined)
    given.issues.push({ code: "custom", input: given.value, message: `the expression ${problem}` });
});
