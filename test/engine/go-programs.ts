import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { execa } from "execa";
import { withLock } from "../../local/lock";
import { goEnvironment } from "../../local/tools/build";
import { cacheFolder } from "../../local/tools/cache";

/**
 * Programs that only tests or benchmarks need: those that a Go module names as its tools, built once per machine.
 * @param module folder with a `go.mod` that pins them
 * @returns the folder that they are in
 */
export async function goPrograms(what: string, module: string): Promise<string> {
  const pins = createHash("sha256")
    .update(readFileSync(join(module, "go.sum")))
    .digest("hex");
  const parent = join(cacheFolder(), "of-tests");
  const folder = join(parent, `${basename(module)}-${pins.slice(0, 12)}`);
  mkdirSync(parent, { recursive: true });
  const tell = () => console.log(`Another checkout is building ${what}: waiting for it.`);
  await withLock(`${folder}.lock`, `building ${what}`, tell, async () => {
    if (existsSync(folder)) return;
    const half = `${folder}.half`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half);
    const args = ["build", "-mod=readonly", "-buildvcs=false", "-o", half, "tool"];
    await execa("go", args, { cwd: module, env: goEnvironment(parent) });
    renameSync(half, folder);
  });
  return folder;
}
