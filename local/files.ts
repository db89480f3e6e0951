import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { isErrno } from "./errors";

/** Makes a folder that only its owner can enter. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** Writes a whole file or nothing: beside it first, then renamed. @param mode permissions; default 0600 */
export function writeWhole(path: string, content: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode });
  chmodSync(temporary, mode); // the mode above is lessened by the umask, and not applied to a left-over file
  renameSync(temporary, path);
}

/** The content of a text file, or undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ESRCH")) return undefined;
    throw error;
  }
}

/** Parses a JSON file of ours; one that is missing or damaged counts as absent. */
export function readJson<T>(path: string): T | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** The PATH of this process, and the folders of system tools, which an ordinary user's PATH lacks on Debian. */
export function searchPath(): string {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].filter((folder) => !path.includes(folder));
  return [...path, ...system].join(delimiter);
}
