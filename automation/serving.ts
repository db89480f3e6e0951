import { routedVersions, type Service } from "../components/config";
import type { Live } from "./live";

/**
 * Why requests that a service's config sends to a version would fail at this moment, a sentence for each such version: the
 * mesh has no subset for it, or none of its pods is ready. Empty when every one of them would be answered.
 */
export function unserved({ name, versions, route }: Service, live: Live): string[] {
  if (route === undefined) return [];
  const used = routedVersions(route);
  return versions.flatMap(({ version = "", deployment }) => {
    if (!used.includes(version)) return [];
    const { ready = 0, desired = 0 } = live.deployments.get(deployment) ?? {};
    if (ready === 0) return [`version ${version} has no ready pod (${deployment}: 0 of ${desired})`];
    return live.subsets.get(name)?.has(version)
      ? []
      : [`version ${version} has no subset (DestinationRule) in the mesh`];
  });
}
