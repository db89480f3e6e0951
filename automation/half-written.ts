import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How the engine says that a file ends too early. */
export const endsTooEarly = /EOF|unexpected end of JSON input/;

/**
 * Takes away what was half written when an engine was killed or a disk full, and over which the next ones would stumble for
 * ever: locks, and what is noted beside each file (`.attrs`), which need not be there. States are written whole.
 * @param backend URL of the state's backend; only files of this machine can be left so
 * @returns whether there was any
 */
export function removeHalfWritten(backend: string | undefined): boolean {
  const folder = backend?.startsWith("file:///") ? join(fileURLToPath(backend), ".pulumi") : undefined;
  if (folder === undefined || !existsSync(folder)) return false;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const candidates = names.filter((name) => name.endsWith(".attrs") || /^locks\/.*\.(json|tmp)$/.test(name));
  const half = candidates.map((name) => join(folder, name)).filter((path) => !isWhole(path));
  for (const path of half) rmSync(path, { force: true });
  return half.length > 0;
}

function isWhole(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return true;
  } catch (error) {
    return !(error instanceof SyntaxError);
  }
}
