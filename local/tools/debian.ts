import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { LocalError } from "../errors";
import { lastLines, run } from "../run";
import type { DebianPackages } from "./manifest";

/** Where Debian keeps libraries of this machine's kind. */
export const libraryFolder = `${process.arch === "x64" ? "x86_64" : "aarch64"}-linux-gnu`;

/**
 * Unpacks packages, and what they need and this machine does not have, without installing them: `folder` is made, and gets the
 * tree that would be `/`. For any user; it changes nothing of the machine.
 * @throws LocalError when apt-get cannot get them
 */
export async function unpackPackages(packages: readonly string[], folder: string): Promise<void> {
  const work = `${folder}.apt`;
  rmSync(work, { recursive: true, force: true });
  const [lists, cache] = [join(work, "lists"), join(work, "cache")];
  for (const path of [join(lists, "partial"), join(cache, "archives", "partial")]) mkdirSync(path, { recursive: true });
  // Lists and archives of its own, and no lock of the system's.
  const own = [`Dir::State::lists=${lists}`, `Dir::Cache=${cache}`, "Debug::NoLocking=1"];
  const options = [...own, `APT::Sandbox::User=${userInfo().username}`].flatMap((option) => ["-o", option]);
  const wanted = ["--yes", "--no-install-recommends", "--reinstall", "--download-only", ...packages];
  await succeeded("apt-get", [...options, "update"]);
  await succeeded("apt-get", [...options, "install", ...wanted]);
  const archives = join(cache, "archives");
  for (const file of readdirSync(archives).filter((name) => name.endsWith(".deb")))
    await succeeded("dpkg", ["-x", join(archives, file), `${folder}.half`]);
  rmSync(work, { recursive: true });
  renameSync(`${folder}.half`, folder);
}

/** Unpacks a program that is several commands, and puts each of them into a folder, to be found on a PATH. */
export async function unpackCommands(source: DebianPackages, folder: string): Promise<void> {
  const tree = join(folder, "root");
  mkdirSync(folder, { recursive: true });
  await unpackPackages(source.packages, tree);
  const [first = "", ...others] = source.commands;
  const script = `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
libraries="$root/usr/lib/${libraryFolder}"
export LD_LIBRARY_PATH="$libraries" XTABLES_LIBDIR="$libraries/xtables"
exec "$root/usr/sbin/${source.member}" "$(basename "$0")" "$@"
`;
  writeFileSync(join(folder, first), script, { mode: 0o755 });
  for (const name of others) symlinkSync(first, join(folder, name));
}

async function succeeded(command: string, args: string[]): Promise<void> {
  const done = await run(command, args);
  if (done.code === 0) return;
  const output = lastLines(done.stderr, 5);
  throw new LocalError(`\`${command}\` cannot get packages for this user:\n${output}`);
}
