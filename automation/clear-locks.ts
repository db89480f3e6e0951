import { LockedError } from "./errors";
import { describeLock, endOrphan, isDead, isOrphan, type LockHolder, parseLocks, removeLock } from "./lock";

interface Clearing {
  readonly stack: string;
  readonly signal: AbortSignal | undefined;
  /** Told what is done. */
  readonly notice: (text: string) => void;
}

/**
 * Takes away the locks because of which the engine has refused to start, if nobody holds them any more.
 * @param stderr what the engine said
 * @returns whether it is worth another try; false when locks were not the reason
 * @throws LockedError when somebody holds one
 */
export async function clearLocks(stderr: string, clearing: Clearing): Promise<boolean> {
  const { stack, notice } = clearing;
  const all = parseLocks(stderr);
  const left = [];
  for (const holder of all) if (!(await endsOrphan(holder, clearing))) left.push(holder);
  const alive = left.find((holder) => !isDead(holder));
  if (alive !== undefined) throw new LockedError(describeLock(stack, alive));
  const foreign = left.find((holder) => !removeLock(holder));
  if (foreign !== undefined) throw new LockedError(describeLock(stack, foreign));
  const pids = left.map(({ pid }) => pid).join(", ");
  if (left.length > 0)
    notice(`cleared the lock of an update that was killed on this machine (process ${pids}); going on from its state`);
  return all.length > 0;
}

/** An update whose command was killed gives its lock back when it ends. */
async function endsOrphan(holder: LockHolder, { notice, signal }: Clearing): Promise<boolean> {
  if (!isOrphan(holder)) return false;
  notice(`the command of an update that still runs was killed: it is stopped in order first (process ${holder.pid})`);
  return endOrphan(holder, signal);
}
