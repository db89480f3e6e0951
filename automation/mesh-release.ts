import { baseRelease } from "../components/config";
import type { Cluster, Selection } from "./cluster";
import type { State } from "./engine";
import type { Failure } from "./errors";

/** Pulumi's type token of a release. */
export const releaseType = "kubernetes:helm.sh/v3:Release";

/** Kinds that services need of Istio's base. */
const kinds = ["virtualservices.networking.istio.io", "destinationrules.networking.istio.io"];

/**
 * Helm's records of Istio's base, when by the newest one its work was never finished (an update was killed or stopped
 * meanwhile), what it has made is gone, or it was done when the engine that had asked for it was gone: the plugin of a killed
 * engine goes on for a while, no state knows what it did, and Helm does nothing twice nor two things at a time. The engine would
 * take either for done, or be refused by Helm. Without them one that looks at the real state installs the base again, over
 * what is there.
 * @param namespace of the mesh
 */
export async function brokenRecords(
  namespace: string,
  cluster: Cluster,
  failures: readonly Failure[],
): Promise<Selection | undefined> {
  const selection = { namespace, selector: `owner=helm,name=${baseRelease}` };
  const [records, found] = await Promise.all([
    cluster.get(["secrets"], namespace, ["--selector", selection.selector]),
    cluster.existing("customresourcedefinitions", kinds),
  ]);
  const revision = (record: (typeof records)[number]) => Number(record.metadata.labels?.["version"]);
  const newest = records.toSorted((a, b) => revision(a) - revision(b)).at(-1);
  if (newest === undefined) return undefined;
  const isUnknown = failures.some(
    ({ type, reason }) => type === releaseType && refusals.some((refusal) => reason.includes(refusal)),
  );
  const isWhole = newest.metadata.labels?.["status"] === "deployed" && found === kinds.length;
  return isWhole && !isUnknown ? undefined : selection;
}

/** What Helm says when it has made what it is to make, or is still making it; it may have ended since. */
const refusals = [
  "cannot re-use a name that is still in use",
  "another operation (install/upgrade/rollback) is in progress",
];

/** Whether a stack has a release, or an update of it was killed while it made one. */
export function hasRelease({ resources = [], pending_operations: pending = [] }: State): boolean {
  return [...resources, ...pending.map(({ resource }) => resource)].some(({ type }) => type === releaseType);
}
