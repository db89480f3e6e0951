import { execFile } from "node:child_process";
import { searchPath } from "./files";

/** What a finished command left behind. */
export interface Finished {
  /** Exit code; undefined when the command could not be started or was killed. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** Variables over those of this process; undefined takes one away. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  cwd?: string;
  env?: Variables;
  /** Written to the command's standard input. @default - nothing */
  input?: string;
  /** Milliseconds after which the command is killed. @default - no limit */
  limit?: number;
  /** Ends the command when it is aborted. @default - it goes on to its end */
  signal?: AbortSignal;
}

/** Runs a command to its end, found also in the folders of system tools. It never throws: look at `code`. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd, env, input, limit = 0, signal } = options;
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { cwd, timeout: limit, signal, maxBuffer: 1 << 28, env: { ...process.env, PATH: searchPath(), ...env } },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : undefined) : 0;
        resolve({ code, stdout, stderr: stderr || (error && code === undefined ? error.message : "") });
      },
    );
    child.stdin?.on("error", () => undefined); // it may end without reading its input
    child.stdin?.end(input ?? "");
  });
}

/** The last lines of a text, for error messages. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
