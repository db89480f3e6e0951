import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { exitCodes, InterruptedError } from "../errors";

/** Where a command writes and asks. Results go to stdout; progress, questions and errors to stderr. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stderr is a person's terminal, where lines can be drawn over. */
  readonly live: boolean;
  /** Whether colours are wanted on stdout. */
  readonly color: boolean;
  /**
   * Asks a yes-or-no question; undefined when nobody is there to answer.
   * @throws InterruptedError when the person answers with Ctrl-C or Ctrl-D
   */
  readonly confirm: (question: string) => Promise<boolean | undefined>;
}

/** The terminal of this process. Colours follow NO_COLOR and FORCE_COLOR. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on("error", endWithout);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    live: stderr.isTTY && env["TERM"] !== "dumb",
    color: env["NO_COLOR"] ? false : env["FORCE_COLOR"] ? true : stdout.isTTY && env["TERM"] !== "dumb",
    async confirm(question) {
      if (!stdin.isTTY || !stderr.isTTY) return undefined;
      const lines = createInterface({ input: stdin, output: stderr });
      const left = once(lines, "close").then(() => {
        throw new InterruptedError("stopped; nothing was changed");
      });
      try {
        const answer = await Promise.race([lines.question(`${question} [y/N] `).catch(() => left), left]);
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        lines.close();
      }
    },
  };
}

/** Where nobody reads on (`| head -1`), a command does what it does all the same. What cannot be written otherwise is a failure. */
function endWithout(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  process.stderr.write(`error: the output cannot be written: ${error.message}\n`, () => undefined);
  process.exit(exitCodes.failed);
}
