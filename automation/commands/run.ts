import { Command, InvalidArgumentError } from "commander";
import { exitCodes, InterruptedError } from "../errors";
import { lazy } from "../lazy";
import type { Project, ProjectOptions } from "../project";
import { type ProgressView, progressView } from "../terminal/progress";
import { type Style, styles } from "../terminal/text";
import type { Context, GlobalOptions, Output } from "./context";
import { localEnvironment } from "./local-environment";

/** What every command's work gets. */
export interface Run extends GlobalOptions {
  readonly context: Context;
  readonly style: Style;
  /** Tells a person a line. */
  readonly report: (message: string) => void;
  /**
   * Opens the stack, gives its project to `use`, and shows progress meanwhile.
   */
  readonly withProject: <T>(use: (project: Project) => Promise<T>, options?: WithProjectOptions) => Promise<T>;
}

interface WithProjectOptions {
  /** Told whether the stand-in is used. @default nobody is told */
  readonly report?: (message: string) => void;
  /** One more line below the progress. @default none */
  readonly footer?: () => string;
}

/** A command whose work gives what is printed on stdout. */
export function define(name: string, summary: string, examples: readonly string[]): Command {
  const command = new Command(name).summary(summary).description(summary);
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}`);
}

/** Runs a command's work and prints its output; `handle` is for commander's `action`. */
export function handle<A extends unknown[]>(
  context: Context,
  work: (run: Run, ...args: A) => Promise<Output>,
): (this: Command, ...args: A) => Promise<void> {
  return async function (this: Command, ...args: A) {
    const options = this.optsWithGlobals<GlobalOptions>();
    const { terminal } = context;
    const run: Run = {
      ...options,
      context,
      style: styles(terminal.color && !options.json),
      report: (message) => terminal.err(`${message}\n`),
      withProject: async (use, { report = () => undefined, footer } = {}) => {
        const env = await localEnvironment(context, options.stack, report);
        const view = progressView(terminal, footer);
        return withProgress(context, { stack: options.stack, env, view }, use);
      },
    };
    const output = await work(run, ...args);
    terminal.out(options.json ? `${JSON.stringify(output.json, undefined, 2)}\n` : output.text);
    process.exitCode = output.exitCode ?? exitCodes.ok;
  };
}

async function withProgress<T>(
  { projectDir, signal }: Context,
  { view, ...options }: Pick<ProjectOptions, "stack" | "env"> & { readonly view: ProgressView },
  use: (project: Project) => Promise<T>,
): Promise<T> {
  try {
    const { Project } = lazy.project();
    return await use(new Project({ ...options, projectDir, signal, onProgress: view.show }));
  } finally {
    view.end();
  }
}

/** For an option that is a whole percentage. */
export function parseWeight(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError("give a whole number from 0 to 100");
}

/** What is said of a cluster whose start a person does not want to wait for. */
export const startsByItself = "a cluster that was starting goes on by itself: `ftgo local status`, `ftgo local stop`";

/**
 * Work that Ctrl-C cannot hold up: what has begun goes on or ends by itself, and the next command finds it as it is.
 * @param left what is so, for the person
 * @throws InterruptedError at once when the person stops it
 */
export function untilStopped<T>({ signal }: Context, work: () => Promise<T>, left: string): Promise<T> {
  const error = new InterruptedError(`stopped; ${left}`);
  if (signal.aborted) return Promise.reject(error);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(error), { once: true });
  });
  return Promise.race([work(), stopped]);
}
