/** Something the person at the terminal can act on. `message` says what, why and what to do; no stack is shown. */
export class LocalError extends Error {
  override name = "LocalError";
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a system call failed with one of these codes, e.g. `isErrno(error, "ENOENT")`. */
export function isErrno(thrown: unknown, ...codes: string[]): boolean {
  return thrown instanceof Error && "code" in thrown && codes.includes(String(thrown.code));
}
