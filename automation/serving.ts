import { routedSubsets, type Service, subsetOf } from "../components/config";
import type { Live } from "./live";

/**
 * Why requests that a service's config sends to a version would fail at this moment, a sentence for each such version: the
 * mesh has no subset for it, or none of its pods is ready. Empty when every one of them would be answered.
 */
export function unserved(service: Service, live: Live): string[] {
  const { name, versions } = service;
  const used = routedSubsets(service);
  return versions.flatMap(({ version, deployment }) => {
    const subset = subsetOf({ version });
    if (!used.includes(subset)) return [];
    const { ready = 0, desired = 0 } = live.deployments.get(deployment) ?? {};
    const what = version === undefined ? "the one image" : `version ${version}`;
    if (ready === 0) return [`${what} has no ready pod (${deployment}: 0 of ${desired})`];
    return live.subsets.get(name)?.has(subset) ? [] : [`${what} has no subset (DestinationRule) in the mesh`];
  });
}
