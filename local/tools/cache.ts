import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isErrno } from "../errors";
import { readJson, writeWhole } from "../files";
import type { ToolName } from "./manifest";
import { istioVersion, tools } from "./manifest";
import { isWhole } from "./whole";

/** What this machine's checkouts share: `${XDG_CACHE_HOME:-~/.cache}/ftgo/tools`. */
export function cacheFolder(): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? "";
  return join(cache === "" ? join(homedir(), ".cache") : cache, "ftgo", "tools");
}

/** The folder of one version of a tool; it is there whole or not at all. */
export function versionFolder(name: ToolName): string {
  return join(cacheFolder(), name, tools[name].version);
}

/** Istio's charts, in `base` and `istiod`. */
export function chartsFolder(): string {
  return join(cacheFolder(), "istio-charts", istioVersion);
}

/** Where half-made things live; emptied by the next one who holds the lock. */
export function workFolder(): string {
  return join(cacheFolder(), ".work");
}

/** Held while the cache changes, so that two checkouts do not build at once. */
export function lockFile(): string {
  return join(cacheFolder(), "lock");
}

/** Puts a finished folder in its place, whole. */
export function finish(name: ToolName, folder: string): void {
  const place = versionFolder(name);
  mkdirSync(dirname(place), { recursive: true });
  rmSync(place, { recursive: true, force: true });
  renameSync(folder, place);
}

/** The executable of a tool that has been obtained before and is whole; looks at files alone. */
export function obtained(name: ToolName): string | undefined {
  const own = join(versionFolder(name), name);
  if (isWhole(own)) return own;
  const record = readJson<Records>(recordFile())?.[recordKey(name)];
  return record && stampOf(record.path) === record.stamp ? record.path : undefined;
}

/** Remembers that a tool on PATH fits, so that it is not asked for its version again until it changes. */
export function rememberOnPath(name: ToolName, path: string): void {
  const stamp = stampOf(path);
  if (stamp === undefined) return;
  const records = { ...readJson<Records>(recordFile()), [recordKey(name)]: { path, stamp } };
  writeWhole(recordFile(), `${JSON.stringify(records, null, 2)}\n`, 0o644);
}

type Records = Record<string, { path: string; stamp: string }>;

function recordFile(): string {
  return join(cacheFolder(), "on-path.json");
}

function recordKey(name: ToolName): string {
  return `${name} ${tools[name].version}`;
}

/** Differs when a file was replaced. */
function stampOf(path: string): string | undefined {
  try {
    const { mtimeMs, size } = statSync(path);
    return `${mtimeMs} ${size}`;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return undefined;
    throw error;
  }
}
