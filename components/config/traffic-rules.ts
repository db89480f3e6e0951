import type { ClusterConfig } from "./cluster";
import type { ExposeConfig } from "./expose";
import { closest, type Problem } from "./problems";
import type { ServiceConfig } from "./service";
import { ifSound } from "./sound";

/** What a service's rules are held against. */
interface Surroundings {
  /** Of all services. */
  readonly keys: readonly string[];
  /** Undefined while it is not known. */
  readonly cluster?: ClusterConfig["kind"];
}

/** Rules between the keys of one service that say who calls it, and how. */
export function checkTraffic(key: string, service: ServiceConfig, { keys, cluster }: Surroundings): Problem[] {
  const path = `services.${key}`;
  return [
    ...ifSound(() => checkCallers(`${path}.callers`, service, keys)),
    ...ifSound(() => checkLimits(`${path}.traffic.limits`, service, keys)),
    ...ifSound(() => checkZones(`${path}.traffic`, service)),
    ...ifSound(() => checkVersions(`${path}.versions`, service)),
    ...ifSound(() => checkTesters(`${path}.expose.testers`, service.expose, cluster)),
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

function checkLimits(path: string, { callers, expose, traffic }: ServiceConfig, keys: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  if (traffic.limits.all !== undefined && healthPath(expose) !== undefined) {
    const message = "would count the ELB's health checks too, and a pod at its limit would seem to be ill";
    problems.push({ path: `${path}.all`, message: `${message}; remove \`healthCheck.path\` under \`expose\`` });
  }
  for (const caller of Object.keys(traffic.limits.callers)) {
    const where = `${path}.callers.${caller}`;
    if (!keys.includes(caller)) problems.push(unknownService(where, caller, keys));
    else if (expose.kind !== "ClusterIP") {
      const message = "cannot be kept: who is exposed may be called without a name; give `limits.all`";
      problems.push({ path: where, message });
    } else if (!callers.includes(caller)) {
      const message = "is not among `callers`, so it sends nothing; add it there, or remove it here";
      problems.push({ path: where, message });
    }
  }
  return problems;
}

function healthPath(expose: ExposeConfig): string | undefined {
  if (expose.kind === "ClusterIP") return undefined;
  return (expose.kind === "NodePort" ? expose.elb : expose)?.healthCheck.path;
}

function unknownService(path: string, given: string, keys: readonly string[]): Problem {
  return { path, message: `is "${given}", which is not under \`services\`${closest(given, keys)}` };
}

function checkZones(path: string, { traffic }: ServiceConfig): Problem[] {
  if (!traffic.preferSameZone || traffic.outliers.errors > 0) return [];
  const message = "needs `outliers`: without it nobody would notice that a zone's pods fail; give `outliers.errors`";
  return [{ path: `${path}.preferSameZone`, message }];
}

/** What comes from outside has no sidecar that would choose a version. */
function checkVersions(path: string, { expose, versions = {} }: ServiceConfig): Problem[] {
  if (expose.kind === "ClusterIP" || Object.keys(versions).length < 2) return [];
  const message = `are several, and with \`expose.kind\` ${expose.kind} requests from outside reach all of them, whatever`;
  return [{ path, message: `${message} \`canary\` says; keep one, whose new image rolls its pods` }];
}

/** Only an ELB that speaks HTTP writes down whom it has a request from; the local cluster plays one. */
function checkTesters(path: string, expose: ExposeConfig, cluster?: ClusterConfig["kind"]): Problem[] {
  if (expose.kind === "ClusterIP" || expose.testers === undefined || expose.testers.from.length === 0) return [];
  const elb = expose.kind === "NodePort" ? expose.elb : expose;
  if (elb?.type === "classic" && cluster !== "kubeconfig") return [];
  const message = "needs a Classic ELB of an EKS cluster, which tells where a request comes from; leave it empty";
  return [{ path: `${path}.from`, message }];
}

/** A header that nobody guards would let everybody in. */
export function checkTestHeaders(services: readonly (readonly [string, ServiceConfig])[]): Problem[] {
  const guards = services.flatMap(([key, service]) => ifSound(() => guardOf(key, service.expose)));
  return services.flatMap(([key, service]) =>
    ifSound(() => {
      const header = service.canary?.testers?.header;
      const other = guards.find((guard) => header !== undefined && guard.header !== header);
      if (other === undefined) return [];
      const path = `services.${key}.canary.testers.header`;
      const message = `is "${header}", and services.${other.key}.expose.testers guards "${other.header}"; use one`;
      return [{ path, message }];
    }),
  );
}

function guardOf(key: string, expose: ExposeConfig) {
  return expose.kind !== "ClusterIP" && expose.testers ? [{ key, header: expose.testers.header }] : [];
}
