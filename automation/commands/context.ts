import type * as Local from "../../local";
import type { Terminal } from "../terminal/terminal";

/** Options that every command has. */
export interface GlobalOptions {
  readonly stack: string;
  readonly json: boolean;
  readonly yes: boolean;
}

/** What the command line uses of `local/`. */
export type LocalApi = Pick<
  typeof Local,
  "bringUp" | "stop" | "status" | "logs" | "environment" | "obtainShellTools" | "diagnose" | "Load"
>;

/** What a command works with; tests give their own. */
export interface Context {
  readonly terminal: Terminal;
  readonly projectDir: string;
  /** The embedded default; loaded by the commands that need it. */
  readonly local: () => LocalApi;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What a command prints on stdout: for people, or with `--json` for programs. */
export interface Output {
  readonly text: string;
  readonly json: unknown;
  /** Something is wrong that is not an error of the command itself, such as a finding of `doctor`. */
  readonly exitCode?: number;
}
