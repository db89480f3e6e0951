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
  for (const stream of [stdout, stderr]) stream.on("error", goOnWithout);
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

/** Whether it has been told that something could not be written. */
let isTold = false;

/**
 * A command does what it does, whoever hears of it. Nobody may be there any more (`| head -1`, a terminal that was closed); what cannot
 * be written for another reason makes it a failure in the end.
 */
function goOnWithout(error: NodeJS.ErrnoException): void {
  if (isTold || error.code === "EPIPE" || error.code === "EIO") return;
  isTold = true;
  process.once("exit", () => (process.exitCode = exitCodes.failed));
  process.stderr.write(`error: the output cannot be written: ${error.message}\n`);
}
