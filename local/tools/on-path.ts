import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../run";
import { apartIn } from "./apart";
import { workFolder } from "./cache";
import type { ToolName } from "./manifest";
import { tools, versionIn } from "./manifest";

/** The executables of this name in the folders of PATH, in their order. */
export function onPath(name: string, path = process.env["PATH"] ?? ""): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .filter(isExecutable);
}

/** The first executable on PATH whose version fits. It is asked for it by running it, for 5 s at the most. */
export async function findFitting(name: ToolName, path?: string): Promise<string | undefined> {
  const { versionArgs, fits } = tools[name];
  if (!versionArgs) return undefined;
  for (const candidate of onPath(name, path)) {
    const done = await run(candidate, versionArgs, { limit: 5000, env: apartIn(workFolder()) });
    const version = done.code === 0 ? versionIn(done.stdout || done.stderr) : undefined;
    if (version && fits(version)) return candidate;
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
