import type { ExposeConfig } from "./expose";
import { closest, type Problem } from "./problems";
import type { ServiceConfig } from "./service";
import { ifSound } from "./sound";

/** Rules between the keys of one service that say who calls it, and how. @param keys of all services */
export function checkTraffic(key: string, service: ServiceConfig, keys: readonly string[]): Problem[] {
  const path = `services.${key}`;
  return [
    ...ifSound(() => checkCallers(`${path}.callers`, service, keys)),
    ...ifSound(() => checkLimits(`${path}.traffic.limits.callers`, service, keys)),
    ...ifSound(() => checkZones(`${path}.traffic`, service)),
    ...ifSound(() => checkTesters(`${path}.expose.testers`, service.expose)),
  ];
}

function checkCallers(path: string, { callers, expose }: ServiceConfig, keys: readonly string[]): Problem[] {
  if (expose.kind !== "ClusterIP" && callers.length > 0) {
    return [{ path, message: `has no effect with \`expose.kind\` ${expose.kind}, which lets everybody in; remove it` }];
  }
  return callers.flatMap((caller, index) => {
    const where = `${path}[${index}]`;
    if (!keys.includes(caller)) return [unknownService(where, caller, keys)];
    return callers.indexOf(caller) < index ? [{ path: where, message: `is "${caller}" again; name it once` }] : [];
  });
}

function checkLimits(path: string, service: ServiceConfig, keys: readonly string[]): Problem[] {
  const { callers, expose, traffic } = service;
  return Object.keys(traffic.limits.callers).flatMap((caller) => {
    const where = `${path}.${caller}`;
    if (!keys.includes(caller)) return [unknownService(where, caller, keys)];
    if (expose.kind !== "ClusterIP" || callers.includes(caller)) return [];
    return [{ path: where, message: "is not among `callers`, so it sends nothing; add it there, or remove it here" }];
  });
}

function unknownService(path: string, given: string, keys: readonly string[]): Problem {
  return { path, message: `is "${given}", which is not under \`services\`${closest(given, keys)}` };
}

function checkZones(path: string, { traffic }: ServiceConfig): Problem[] {
  if (!traffic.preferSameZone || traffic.outliers.errors > 0) return [];
  const message = "needs `outliers`: without it nobody would notice that a zone's pods fail; give `outliers.errors`";
  return [{ path: `${path}.preferSameZone`, message }];
}

/** Only an ELB that speaks HTTP writes down whom it has a request from. */
function checkTesters(path: string, expose: ExposeConfig): Problem[] {
  if (expose.kind === "ClusterIP" || expose.testers === undefined || expose.testers.from.length === 0) return [];
  const elb = expose.kind === "NodePort" ? expose.elb : expose;
  if (elb?.type === "classic") return [];
  const message = "needs a Classic ELB, which tells where a request comes from; leave it empty, or use type classic";
  return [{ path: `${path}.from`, message }];
}
