import type { Selection } from "./cluster";
import type { State } from "./engine";
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
 * Helm's records of releases that an update was at work on when it was killed. Without them Helm does the work again, over
 * the objects that are there. Of a release that the state does not have, because it was being made, all are wrong.
 */
export function recordsOfKilled({ resources = [], pending_operations: pending = [] }: State): Selection[] {
  const releases = pending.filter(({ resource }) => resource.type === releaseType);
  return releases.map(({ resource: { urn, inputs } }) => {
    const { name, namespace } = inputs as { name: string; namespace: string };
    const isKnown = resources.some((resource) => resource.urn === urn);
    const unfinished = isKnown ? ",status in (pending-install,pending-upgrade,pending-rollback)" : "";
    return { namespace, selector: `owner=helm,name=${name}${unfinished}` };
  });
}
