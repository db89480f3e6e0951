import { RE2JS } from "re2js";
import { z } from "zod";

/** An expression in the syntax of RE2, which is what the mesh matches by: it would refuse another one only in an update. */
export const re2 = z.string().check((given) => {
  const problem = re2Problem(given.value);
  if (problem === undefined) return;
  given.issues.push({ code: "custom", input: given.value, message: `it is no RE2 expression: ${problem}` });
});

/** Why RE2 cannot read an expression; undefined when it can. */
export function re2Problem(expression: string): string | undefined {
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace("error parsing regexp: ", "");
  }
}
