import type { Route, Service, Version } from "./model";

/**
 * What a service with one image has in the place of a version's name, as a subset of the mesh. Without it requests would go to all
 * pods of the service, also to those of versions that are about to come or to go.
 */
export const oneImage = "one-image";

/** Name of the subset that the pods of a version are. */
export function subsetOf({ version = oneImage }: Pick<Version, "version">): string {
  return version;
}

/** The label that the mesh knows the pods of a version by. What a Deployment selects cannot be changed: it is not among that. */
export function subsetLabels({ version }: Pick<Version, "version">): Record<string, string> {
  return version === undefined ? { "ftgo/subset": oneImage } : { version };
}

/** Versions that users get, with their shares in percent. One without a share is not among them. */
export function shares({ stable, canary }: Route): (readonly [version: string, percent: number])[] {
  const weight = canary?.weight ?? 0;
  const all = [[stable, 100 - weight] as const, ...(canary ? [[canary.version, weight] as const] : [])];
  return all.filter(([, percent]) => percent > 0);
}

/** The versions that a route names: those that users or testers get. The others may come and go unnoticed. */
export function routedVersions(route: Route): string[] {
  const { canary } = route;
  const ofTesters = canary?.testers ? [canary.version] : [];
  return [...new Set([...shares(route).map(([version]) => version), ...ofTesters])];
}

/** The subsets that a service's route names: those of such versions, or the only one. */
export function routedSubsets({ route }: Pick<Service, "route">): string[] {
  return route ? routedVersions(route) : [oneImage];
}
