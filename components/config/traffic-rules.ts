import type { ClusterConfig } from "./cluster";
import type { ExposeConfig } from "./expose";
import { closest, formatPath, type Problem } from "./problems";
import type { ServiceConfig } from "./service";
import { ifSound } from "./sound";

/** What a service's rules are held against. */
interface Surroundings {
  /** Of all services. */
  readonly keys: readonly string[];
  /** Undefined while it is not known. */
  readonly namespace?: string;
  /** Undefined while it is not known. */
  readonly cluster?: ClusterConfig["kind"];
}

/** Rules between the keys of one service that say who calls it, and how. */
export function checkTraffic(key: string, service: ServiceConfig, surroundings: Surroundings): Problem[] {
  const path = `services.${key}`;
  const { cluster } = surroundings;
  return [
    ...ifSound(() => checkCallers(`${path}.callers`, service, surroundings)),
    ...ifSound(() => checkLimits(`${path}.traffic.limits`, service, surroundings)),
    ...ifSound(() => checkZones(`${path}.traffic`, service)),
    ...ifSound(() => checkVersions(`${path}.versions`, service)),
    ...ifSound(() => checkTesters(`${path}.expose.testers`, service.expose, cluster)),
  ];
}

function checkCallers(path: string, { callers, expose }: ServiceConfig, surroundings: Surroundings): Problem[] {
  if (expose.kind !== "ClusterIP" && callers.length > 0) {
    return [{ path, message: `has no effect with \`expose.kind\` ${expose.kind}, which lets everybody in; remove it` }];
  }
  return callers.flatMap((caller, index) => {
    const where = `${path}[${index}]`;
    const stranger = checkCaller(where, caller, surroundings);
    if (stranger !== undefined) return [stranger];
    return callers.indexOf(caller) < index ? [{ path: where, message: `is "${caller}" again; name it once` }] : [];
  });
}

function checkLimits(path: string, { callers, expose, traffic }: ServiceConfig, surroundings: Surroundings): Problem[] {
  const problems: Problem[] = [];
  if (traffic.limits.all !== undefined && healthPath(expose) !== undefined) {
    const message = "would count the ELB's health checks too, and a pod at its limit would seem to be ill";
    problems.push({ path: `${path}.all`, message: `${message}; remove \`healthCheck.path\` under \`expose\`` });
  }
  for (const caller of Object.keys(traffic.limits.callers)) {
    const where = formatPath([path, "callers", caller]);
    const stranger = checkCaller(where, caller, surroundings);
    if (stranger !== undefined) problems.push(stranger);
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

/** A caller of another namespace is another stack's affair. */
function checkCaller(path: string, caller: string, { keys, namespace }: Surroundings): Problem | undefined {
  if (!caller.includes("/")) {
    if (keys.includes(caller)) return undefined;
    return { path, message: `is "${caller}", which is not under \`services\`${closest(caller, keys)}` };
  }
  if (namespace === undefined || !caller.startsWith(`${namespace}/`)) return undefined;
  return { path, message: `is "${caller}", of this stack's own namespace; give the key of a service` };
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
