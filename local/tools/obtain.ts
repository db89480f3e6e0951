import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../errors";
import { describe, withLock } from "../lock";
import type { Report } from "../report";
import { finish, lockFile, obtained, rememberOnPath, versionFolder, workFolder } from "./cache";
import { chartsObtained, obtainCharts } from "./charts";
import { download, NotDownloaded, Unreachable } from "./download";
import { makeAll } from "./make";
import type { Platform, ToolName } from "./manifest";
import { toolNames, tools } from "./manifest";
import { findFitting } from "./on-path";
import type { Row } from "./table";
import { table } from "./table";

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
  const toMake: ToolName[] = [];
  const begin = Date.now();
  const internet = { isThere: true };
  for (const name of todo) {
    const from = Date.now();
    const how = await find(name, { report, place: `${rows.length + 1} of ${todo.length}`, internet });
    if (how === undefined) toMake.push(name);
    else rows.push({ name, version: tools[name].version, how, milliseconds: Date.now() - from });
  }
  rows.push(...(await makeAll(toMake, { done: rows.length, of: todo.length }, report)));
  if (chartsMissing(names)) await obtainCharts();
  rmSync(workFolder(), { recursive: true, force: true });
  if (rows.length > 0) report(table(rows, Date.now() - begin));
}

interface Circumstances {
  report: Report;
  /** `3 of 9`. */
  place: string;
  /** Not any more once a host could not be reached: then the others are not tried. */
  internet: { isThere: boolean };
}

/** Looks for it on PATH and among the official downloads. @returns undefined when it has to be made */
async function find(name: ToolName, circumstances: Circumstances): Promise<Row["how"] | undefined> {
  if (existsSync(versionFolder(name)))
    circumstances.report(`The ${name} ${tools[name].version} of this machine is not whole: it is obtained again.`);
  const found = await findFitting(name);
  if (found !== undefined) {
    rememberOnPath(name, found);
    return "on PATH";
  }
  const folder = join(workFolder(), name);
  if (await downloaded(name, folder, circumstances)) {
    finish(name, folder);
    return "downloaded";
  }
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

async function downloaded(
  name: ToolName,
  folder: string,
  { report, place, internet }: Circumstances,
): Promise<boolean> {
  const source = tools[name].downloads?.[`${process.platform}-${process.arch}` as Platform];
  if (!source || !internet.isThere) return false;
  describe(lockFile(), `downloading ${name}`);
  try {
    await download(source, name, folder);
    report(`Downloaded ${name} ${tools[name].version} (${place}).`);
    return true;
  } catch (error) {
    if (!(error instanceof NotDownloaded)) throw error;
    if (error instanceof Unreachable) internet.isThere = false;
    report(`No download of ${name} (${messageOf(error)}): it is built from source instead.`);
    return false;
  }
}
