import type { Selection } from "./cluster";
import type { Resource, State } from "./engine";
import type { Failure } from "./errors";

const releaseType = "kubernetes:helm.sh/v3:Release";

/** Helm refuses, because by its records the release is there already, or someone is at work on it. */
const refusal =
  /cannot re-use a name that is still in use|another operation \(install\/upgrade\/rollback\) is in progress/;

/** Whether Helm refused what its records may be wrong about, because an update before was killed. */
export function isRefusedByRecords(failures: readonly Failure[]): boolean {
  return failures.some(({ type, reason }) => type === releaseType && refusal.test(reason));
}

/**
 * Helm's records that are wrong since an update was killed while Helm was at work. Without them Helm does the work again, over
 * the objects that are there. Of a release that the state does not have, because it was being made, all are wrong; of one that
 * it has those of work that was never finished, if it was the update before that was killed.
 */
export function recordsOfKilled(state: State, followsKilled: boolean): Selection[] {
  const { resources = [], pending_operations: pending = [] } = state;
  const known = resources.filter(({ type }) => type === releaseType);
  const begun = pending.map(({ resource }) => resource).filter(({ type }) => type === releaseType);
  const lost = begun.filter(({ urn }) => !known.some((resource) => resource.urn === urn));
  const unfinished = ",status in (pending-install,pending-upgrade,pending-rollback)";
  return [
    ...lost.map((release) => recordsOf(release)),
    ...(followsKilled ? known : []).map((release) => recordsOf(release, unfinished)),
  ];
}

function recordsOf({ inputs }: Resource, of = ""): Selection {
  const { name, namespace } = inputs as { name: string; namespace: string };
  return { namespace, selector: `owner=helm,name=${name}${of}` };
}
