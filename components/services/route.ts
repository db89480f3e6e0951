import type { CanaryConfig, Route, Service } from "../config";

interface Destination {
  readonly destination: { readonly host: string; readonly subset: string };
  readonly weight?: number;
}

/** The VirtualService's rules: testers first, because the first rule that matches wins, then everybody by weight. */
export function httpRules(host: string, { stable, canary }: Route) {
  const users = { route: weighted(host, stable, canary) };
  if (canary?.testers === undefined) return [users];
  const { header, regex } = canary.testers;
  return [{ match: [{ headers: { [header]: { regex } } }], route: [to(host, canary.version)] }, users];
}

/**
 * Both shares while there are two, else one destination alone: a version at 0 % is not named. A share that could go without
 * saying is said, because another hand's change of it is seen only where there is something to compare it with.
 */
function weighted(host: string, stable: string, canary: CanaryConfig | undefined): Destination[] {
  if (canary === undefined || canary.weight === 0) return [{ ...to(host, stable), weight: 100 }];
  if (canary.weight === 100) return [{ ...to(host, canary.version), weight: 100 }];
  return [
    { ...to(host, stable), weight: 100 - canary.weight },
    { ...to(host, canary.version), weight: canary.weight },
  ];
}

function to(host: string, subset: string): Destination {
  return { destination: { host, subset } };
}

/** The subset of one version. Each has a DestinationRule of its own: a list in one rule cannot be ordered both ways. */
export function subsetSpec(service: Service, version: string) {
  return { host: service.name, subsets: [{ name: version, labels: { version } }] };
}
