import type { Route } from "./model";

/** The versions that a route names: those that users or testers get. The others may come and go unnoticed. */
export function routedVersions({ stable, canary }: Route): string[] {
  if (canary === undefined) return [stable];
  return [...(canary.weight < 100 ? [stable] : []), ...(canary.weight > 0 || canary.testers ? [canary.version] : [])];
}
