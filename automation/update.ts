import { setTimeout as pause } from "node:timers/promises";
import type { Environment, Service } from "../components/config";
import { type Cluster, ifAnswered } from "./cluster";
import type { Engine, RunOptions, RunResult } from "./engine";
import type { Progress } from "./engine-events";
import { type Failure, UpdateError } from "./errors";
import { ftgo } from "./ftgo";
import { brokenRecords, hasRelease } from "./mesh-release";
import { isAllOfCluster, strandedObjects } from "./stranded";
import { readUnreadyPods } from "./unready-pods";

/** What an update works on. */
export interface UpdateArgs {
  readonly engine: Engine;
  readonly stack: string;
  readonly environment: Environment;
  /** Whether `ftgo rollback` can take a service back. */
  readonly canGoBack: (service: Service) => Promise<boolean>;
  readonly cluster: Cluster;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Milliseconds between two looks at pods that are waited for. */
const lookEvery = 5_000;

/**
 * Runs the engine. What keeps pods from being ready is told while they are waited for and after that was in vain, since Pulumi
 * tells little of it; and what updates that were killed have left is put right.
 * @throws UpdateError
 */
export async function update(args: UpdateArgs, run: RunOptions): Promise<RunResult> {
  const end = new AbortController();
  const telling = tellUnreadyPods(args, end.signal);
  try {
    return await (run.part === undefined ? updateWhole(args, run) : args.engine.up(run));
  } catch (error) {
    if (!(error instanceof UpdateError)) throw error;
    // Whatever can be told beside it, such as of a file that somebody is just editing.
    throw error.with(await wayOut(args, error.failures).catch(() => []));
  } finally {
    end.abort();
    await telling;
  }
}

/** Puts right what killed updates have left. With a part that is not done: nobody knows what else is wanted. */
async function updateWhole(args: UpdateArgs, run: RunOptions): Promise<RunResult> {
  const { engine } = args;
  const first = engine.up(run);
  const failures = await first.then(
    () => [],
    (error: unknown) => (error instanceof UpdateError ? error.failures : undefined),
  );
  // Only when the engine has run: before it holds the stack's lock, another update may be at work.
  const isBroken = failures !== undefined && (await isMeshBroken(args, failures));
  const result = isBroken ? await engine.up({ ...run, refresh: true }) : await first;
  if (run.refresh === true || engine.followsKilled) await tellStranded(args);
  return result;
}

/** Tells once each what keeps a pod from being ready for longer than from one look to the next. */
async function tellUnreadyPods(args: UpdateArgs, signal: AbortSignal): Promise<void> {
  const told = new Set<string>();
  let before: readonly string[] = [];
  while (await passes(lookEvery, signal)) {
    const now = await findUnreadyPods(args).catch(() => []); // the update goes on, whatever can be told beside it
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
  if (services.length === 0) return findUnreadyPods(args);
  const canGoBack = await Promise.all(services.map(args.canGoBack));
  const back = services
    .filter((_, index) => canGoBack[index])
    // Of a service with versions it is the users alone that go back.
    .map(
      ({ key, route }) =>
        ftgo(`rollback ${key}`, args.stack) + (route ? " (its users; its versions stay as they are)" : ""),
    );
  const mend = `Mend stacks/Pulumi.${args.stack}.yaml and run ${ftgo("up", args.stack)} again`;
  return [...(await findUnreadyPods(args)), back.length === 0 ? mend : `${mend}, or go back: ${back.join(", ")}`];
}

/** As in unready-pods.ts; empty as well when the cluster cannot be asked: the engine's words must do then. */
async function findUnreadyPods({ cluster, environment }: UpdateArgs): Promise<string[]> {
  return (await ifAnswered(() => readUnreadyPods(environment, cluster))) ?? [];
}

/** Looks at Istio's base, if it is this stack's, and makes Helm forget one that is not whole: then it is installed again. */
async function isMeshBroken(args: UpdateArgs, failures: readonly Failure[]): Promise<boolean> {
  const { engine, environment, cluster, onProgress } = args;
  const isForgotten = await ifAnswered(async () => {
    const records = await brokenRecords(environment.mesh.namespace, cluster, failures);
    if (records === undefined) return false;
    // One that somebody else has installed is none of ours, whatever Helm says of its name.
    if (!hasRelease(await engine.state())) return false;
    await cluster.delete("secrets", records);
    return true;
  });
  if (!isForgotten) return false;
  const text = "Istio's base is not whole, as after an update that was killed: it is installed again";
  onProgress?.({ kind: "notice", text });
  return true;
}

/**
 * Names what a killed update was making and the stack file does not name any more, if it is there: the engine remembers only
 * that it had begun. When nothing is left of it, the engine's memory goes too, of which it would warn in every later update.
 */
async function tellStranded({ engine, cluster, onProgress }: UpdateArgs): Promise<void> {
  // The update has succeeded, whatever can be told beside it.
  await ifAnswered(async () => {
    const state = await engine.state();
    if (state.pending_operations === undefined) return;
    let left = 0;
    for (const { kind, name, namespace } of strandedObjects(state)) {
      if ((await cluster.existing(kind, [name], namespace)) === 0) continue;
      left += 1;
      const command = `kubectl delete ${kind} ${name}${namespace === undefined ? "" : ` --namespace ${namespace}`}`;
      const text = `an update was killed while it made ${kind} ${name}, which the stack file does not name any more`;
      onProgress?.({ kind: "notice", text: `${text}; if nobody else needs it: ${command}` });
    }
    if (left === 0 && isAllOfCluster(state)) await engine.forgetPending(state);
  });
}

/** @returns false when the signal comes first */
function passes(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return pause(milliseconds, true, { signal }).catch(() => false);
}
