import { AutomationError, exitCodes, UpdateError } from "./errors";
import type { Terminal } from "./terminal/terminal";
import { styles } from "./terminal/text";

/** Tells a person, or with `json` a program, what went wrong, and gives the exit code. */
export function reportError(error: unknown, terminal: Terminal, json: boolean): number {
  const { name, message, exitCode } = classify(error);
  if (json) {
    const failures = error instanceof UpdateError ? { failures: error.failures } : {};
    const problems = isConfigError(error) ? { problems: error.problems } : {};
    terminal.out(errorDocument(name, message, { ...failures, ...problems }));
  }
  terminal.err(`${styles(terminal.live && terminal.color).bad("error:")} ${message}\n`);
  if (process.env["FTGO_DEBUG"] === "1" && error instanceof Error) terminal.err(`${error.stack ?? ""}\n`);
  return exitCode;
}

/** What `--json` prints in the place of a result. */
export function errorDocument(name: string, message: string, more: object = {}): string {
  return `${JSON.stringify({ error: { name, message, ...more } }, undefined, 2)}\n`;
}

function classify(error: unknown): { name: string; message: string; exitCode: number } {
  if (error instanceof AutomationError) return { name: error.name, message: error.message, exitCode: error.exitCode };
  if (isConfigError(error)) return { name: error.name, message: error.message, exitCode: exitCodes.wrong };
  if (error instanceof Error && error.name === "LocalError") {
    return { name: error.name, message: error.message, exitCode: exitCodes.missing };
  }
  const text = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof Error && "code" in error ? remedies[String(error.code)] : undefined;
  if (remedy !== undefined)
    return { name: "MissingError", message: `${remedy}\n  ${text}`, exitCode: exitCodes.missing };
  const message = `${text}\nThis was not foreseen: please report it, with what FTGO_DEBUG=1 shows.`;
  return { name: "UnexpectedError", message, exitCode: exitCodes.failed };
}

/** What the system says of this machine, not of our work on it. */
const remedies: Partial<Record<string, string>> = {
  ENOSPC: "a disk is full; free some space, then try again",
  EDQUOT: "this user may use no more of a disk; free some space, then try again",
  EROFS: "a disk is read-only; make it writable, then try again",
  EACCES: "this user may not do that; make the file or folder his, then try again",
  EPERM: "this user may not do that; make the file or folder his, then try again",
};

/** Told by its name, so that the schema library is not loaded for it. */
function isConfigError(error: unknown): error is Error & { problems: unknown } {
  return error instanceof Error && error.name === "ConfigError";
}
