import { setTimeout as pause } from "node:timers/promises";
import type { Environment } from "../components/config";
import type { Cluster } from "./cluster";
import type { Engine, RunOptions, RunResult } from "./engine";
import type { Progress } from "./engine-events";
import { type Failure, UpdateError } from "./errors";
import { isRefusedByRecords, recordsOfKilled } from "./helm-records";
import { strandedObjects } from "./stranded";
import { unreadyPods } from "./unready-pods";

/** What an update works on. */
export interface UpdateArgs {
  readonly engine: Engine;
  readonly stack: string;
  readonly environment: Environment;
  readonly cluster: Cluster;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Milliseconds between two looks at pods that are waited for. */
const lookEvery = 10_000;

/**
 * Runs the engine. What keeps pods from being ready is told while they are waited for and after that was in vain, since Pulumi
 * tells little of it; and what updates that were killed have left is put right.
 * @throws UpdateError
 */
export async function update(args: UpdateArgs, run: RunOptions): Promise<RunResult> {
  const { engine } = args;
  const end = new AbortController();
  const telling = tellUnreadyPods(args, end.signal);
  try {
    const result = await engine.up(run).catch(async (error: unknown) => {
      if (!(await forgetRecords(args, error))) throw error;
      return engine.up(run);
    });
    // Of a part nobody knows what else is wanted.
    if (run.part === undefined && (run.refresh === true || engine.followsKilled)) await removeStranded(args);
    return result;
  } catch (error) {
    throw error instanceof UpdateError ? error.with(await wayOut(args, error.failures)) : error;
  } finally {
    end.abort();
    await telling;
  }
}

/** Tells once each what keeps a pod from being ready for longer than from one look to the next. */
async function tellUnreadyPods(args: UpdateArgs, signal: AbortSignal): Promise<void> {
  const told = new Set<string>();
  let before: readonly string[] = [];
  while (await passes(lookEvery, signal)) {
    const now = await findUnreadyPods(args);
    for (const text of now.filter((line) => before.includes(line) && !told.has(line))) {
      if (!signal.aborted) args.onProgress?.({ kind: "notice", text: `waiting: ${text}` });
      told.add(text);
    }
    before = now;
  }
}

/** Lines for a person whose pods did not come up: what keeps them, and what to do. Empty when something else failed. */
async function wayOut(args: UpdateArgs, failures: readonly Failure[]): Promise<string[]> {
  const failed = failures.filter(({ type }) => /:(apps|batch)\//.test(type)).map(({ resource }) => resource);
  if (failed.length === 0) return [];
  const services = args.environment.services.filter(({ name }) => failed.some((each) => each.startsWith(`${name}/`)));
  const back = services.map(({ key }) => `\`ftgo rollback ${key}\``).join(", ");
  const hint = `Mend stacks/Pulumi.${args.stack}.yaml and run \`ftgo up\` again, or go back: ${back}`;
  return [...(await findUnreadyPods(args)), ...(back === "" ? [] : [hint])];
}

/** As in unready-pods.ts; empty as well when the cluster cannot be asked: the engine's words must do then. */
async function findUnreadyPods({ cluster, environment }: UpdateArgs): Promise<string[]> {
  try {
    const namespaces = [environment.mesh.namespace, environment.namespace];
    return unreadyPods((await Promise.all(namespaces.map((namespace) => cluster.get("pods", namespace)))).flat());
  } catch {
    return [];
  }
}

/** Makes Helm do again what it was at when an update was killed. @returns whether that may be why this one failed */
async function forgetRecords({ engine, cluster, onProgress }: UpdateArgs, error: unknown): Promise<boolean> {
  if (!(error instanceof UpdateError && isRefusedByRecords(error.failures))) return false;
  const records = recordsOfKilled(await engine.state(), engine.followsKilled);
  if (records.length === 0) return false;
  onProgress?.({ kind: "notice", text: "an update was killed while Helm was at work: it does that again" });
  await Promise.all(records.map((each) => cluster.delete("secrets", each)));
  return true;
}

/**
 * Deletes what a killed update was making and the stack file does not name any more: the engine remembers only that it had
 * begun, warns of it in every later update, and never looks whether it is there.
 */
async function removeStranded({ engine, cluster, onProgress }: UpdateArgs): Promise<void> {
  const state = await engine.state();
  for (const object of strandedObjects(state)) {
    const text = `deleted ${object.kind} ${object.name}: an update was killed while it made that, and it is not wanted any more`;
    if (await cluster.deleteObject(object)) onProgress?.({ kind: "notice", text });
  }
  if (state.pending_operations !== undefined) await engine.forgetPending(state);
}

/** @returns false when the signal comes first */
function passes(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return pause(milliseconds, true, { signal }).catch(() => false);
}
