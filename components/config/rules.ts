import { parseCidr } from "./cidr";
import type { ClusterConfig, EksConfig } from "./cluster";
import { type ExposeConfig, type LoadBalancerConfig, nlbCannot } from "./expose";
import { checkKeys, checkNames } from "./names";
import { closest, type Problem } from "./problems";
import type { StackConfig } from "./schema";
import { routedVersions } from "./routed";
import type { ServiceConfig } from "./service";

/** What of a stack's values the schema has found to be sound. */
export interface SoundParts extends Partial<Pick<StackConfig, "cluster" | "mesh" | "pinnedImages">> {
  readonly services: StackConfig["services"];
}

/**
 * Rules that join several keys, which a schema cannot say.
 * @param keys of all services, those that are not sound among them
 */
export function checkRules({ cluster, mesh, pinnedImages, services }: SoundParts, keys: readonly string[]): Problem[] {
  const entries = Object.entries(services);
  return [
    ...entries.flatMap(([key, service]) => checkVersions(`services.${key}`, service)),
    ...entries.flatMap(([key, service]) => checkPodNames(key, service)),
    ...entries.flatMap(([key, service]) => checkMounts(`services.${key}`, service)),
    ...entries.flatMap(([key, service]) => checkPlacement(key, service, keys)),
    ...checkKeys(keys, mesh?.namespace),
    ...checkNames(entries),
    ...checkNodePorts(entries),
    ...(pinnedImages ? entries.flatMap(([key, service]) => checkPinned(`services.${key}`, service)) : []),
    ...(cluster?.kind === "eks" ? checkEks(cluster) : []),
    ...entries.flatMap(([key, service]) => checkExpose(`services.${key}.expose`, service.expose, cluster?.kind)),
  ];
}

function checkEks({ zones, vpcCidr, endpoint, nodes, admins }: EksConfig): Problem[] {
  const problems: Problem[] = [];
  const prefix = parseCidr(vpcCidr)?.prefix ?? 0;
  if (prefix < 16 || prefix > 18) {
    problems.push({ path: "cluster.vpcCidr", message: `is "${vpcCidr}"; a VPC here has a size from /16 to /18` });
  }
  if (nodes.max < nodes.min) {
    problems.push({
      path: "cluster.nodes.max",
      message: `is ${nodes.max}; it must not be less than min, ${nodes.min}`,
    });
  } else if (nodes.desired < nodes.min || nodes.desired > nodes.max) {
    const range = `give a number from min, ${nodes.min}, to max, ${nodes.max}`;
    problems.push({ path: "cluster.nodes.desired", message: `is ${nodes.desired}; ${range}` });
  }
  endpoint.publicCidrs.forEach((cidr, index) => {
    if (parseCidr(cidr)?.prefix === 0) {
      const message = `is "${cidr}", which opens the API server to everybody; list the blocks that you work from`;
      problems.push({ path: `cluster.endpoint.publicCidrs[${index}]`, message });
    }
  });
  return [...problems, ...checkRepeated("cluster.zones", zones), ...checkRepeated("cluster.admins", admins)];
}

function checkRepeated(path: string, values: readonly string[]): Problem[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index ? [{ path: `${path}[${index}]`, message: `is "${value}" again; name it once` }] : [],
  );
}

function checkExpose(path: string, expose: ExposeConfig, cluster?: ClusterConfig["kind"]): Problem[] {
  if (expose.kind === "ClusterIP") return [];
  if (expose.kind === "NodePort") {
    if (expose.elb === undefined) return [];
    if (cluster !== undefined && cluster !== "eks") {
      const message = `needs a cluster of kind eks, and this one is of kind ${cluster}; use the node port itself`;
      return [{ path: `${path}.elb`, message }];
    }
    return checkLoadBalancer(`${path}.elb`, expose.elb, "NodePort");
  }
  const problems = checkLoadBalancer(path, expose, "LoadBalancer");
  if (expose.certificateArn !== undefined && expose.port === 80) {
    problems.push({ path: `${path}.port`, message: "is 80; with `certificateArn` give 443, where the ELB ends TLS" });
  }
  return problems;
}

function checkLoadBalancer(path: string, elb: LoadBalancerConfig, madeFor: keyof typeof nlbCannot): Problem[] {
  const problems: Problem[] = [];
  if (elb.tlsPolicy !== undefined && elb.certificateArn === undefined) {
    problems.push({ path: `${path}.tlsPolicy`, message: "needs `certificateArn`; without one there is no TLS" });
  }
  if (elb.type === "nlb") {
    for (const [option, reason] of Object.entries(nlbCannot[madeFor])) {
      if (elb[option as keyof LoadBalancerConfig] === undefined) continue;
      problems.push({
        path: `${path}.${option}`,
        message: `cannot be had with type nlb: ${reason}; remove it, or use type classic`,
      });
    }
  }
  const where = `${path}.idleTimeoutSeconds`;
  const idle = problems.some((problem) => problem.path === where) ? undefined : idleTimeoutProblem(elb);
  return idle === undefined ? problems : [...problems, { path: where, message: idle }];
}

function idleTimeoutProblem({
  type,
  idleTimeoutSeconds: idle,
  certificateArn,
}: LoadBalancerConfig): string | undefined {
  if (idle === undefined) return undefined;
  if (type === "classic") return idle > 4000 ? `is ${idle}; the most of a Classic ELB is 4000` : undefined;
  if (certificateArn !== undefined) return "cannot be had with TLS on an NLB, which stays at 350 s; remove it";
  return idle < 60 ? `is ${idle}; the least of an NLB is 60` : undefined;
}

function checkVersions(path: string, service: ServiceConfig): Problem[] {
  const { image, versions, stable, canary } = service;
  if (versions === undefined) {
    if (image === undefined) return [{ path, message: "has neither `image` nor `versions`; give one of them" }];
    const extra = stable !== undefined ? "stable" : canary !== undefined ? "canary" : undefined;
    return extra === undefined
      ? []
      : [{ path: `${path}.${extra}`, message: "needs `versions`; this service has one `image`" }];
  }
  if (image !== undefined) return [{ path: `${path}.image`, message: "stands beside `versions`; keep one of the two" }];
  const names = Object.keys(versions);
  if (names.length === 0) return [{ path: `${path}.versions`, message: "is empty; name at least one version" }];
  const problems: Problem[] = [];
  if (stable === undefined && names.length > 1) {
    problems.push({
      path: `${path}.stable`,
      message: `is missing; name the version that users get: ${names.join(", ")}`,
    });
  }
  if (stable !== undefined && !names.includes(stable)) {
    problems.push({
      path: `${path}.stable`,
      message: `is "${stable}", which is not under \`versions\`${closest(stable, names)}`,
    });
  }
  if (canary !== undefined && !names.includes(canary.version)) {
    problems.push({
      path: `${path}.canary.version`,
      message: `is "${canary.version}", which is not under \`versions\`${closest(canary.version, names)}`,
    });
  } else if (canary !== undefined && canary.version === (stable ?? names[0])) {
    problems.push({
      path: `${path}.canary.version`,
      message: "is the stable version; name another one, or remove `canary`",
    });
  }
  return problems.length > 0 ? problems : checkServed(path, service);
}

/** A version without pods answers nobody. */
function checkServed(path: string, { versions = {}, stable, canary, replicas }: ServiceConfig): Problem[] {
  const [first = ""] = Object.keys(versions);
  return routedVersions({ stable: stable ?? first, canary })
    .filter((version) => (versions[version]?.replicas ?? replicas) === 0)
    .map((version) => ({
      path: versions[version]?.replicas === 0 ? `${path}.versions.${version}.replicas` : `${path}.replicas`,
      message: `is 0, and users or testers get version ${version}; give it at least 1`,
    }));
}

/** Volumes that a pod has without being told. */
const ownVolumes = ["tmp", "config-files"];

/** What Kubernetes wants to be unique in a pod, and would refuse only in the middle of an update. */
function checkPodNames(key: string, service: ServiceConfig): Problem[] {
  const path = `services.${key}`;
  const { name = key, volumes, sidecars, initContainers, config } = service;
  const taken = (kind: string, names: string[], owners: string[]) =>
    names
      .filter((given) => owners.includes(given))
      .map((given) => ({
        path: `${path}.${kind}.${given}`,
        message: "has a name that the pod uses already; choose another",
      }));
  const fileKeys = Object.keys(config.files).map((file) => file.replaceAll("/", "_"));
  return [
    ...taken("volumes", Object.keys(volumes), ownVolumes),
    ...taken("sidecars", Object.keys(sidecars), [name]),
    ...taken("initContainers", Object.keys(initContainers), [name, ...Object.keys(sidecars)]),
    ...Object.keys(config.files)
      .filter((_, index) => fileKeys.indexOf(fileKeys[index] ?? "") < index)
      .map((file) => ({
        path: `${path}.config.files["${file}"]`,
        message: "differs from another one only in '/' and '_', which a ConfigMap cannot tell apart",
      })),
  ];
}

function checkMounts(path: string, service: ServiceConfig): Problem[] {
  const volumes = Object.keys(service.volumes);
  const containers: [string, ServiceConfig["mounts"]][] = [
    [path, service.mounts],
    ...Object.entries(service.sidecars).map(
      ([name, c]) => [`${path}.sidecars.${name}`, c.mounts] as [string, typeof c.mounts],
    ),
    ...Object.entries(service.initContainers).map(
      ([name, c]) => [`${path}.initContainers.${name}`, c.mounts] as [string, typeof c.mounts],
    ),
  ];
  return containers.flatMap(([where, mounts]) =>
    mounts
      .map((mount, index) => ({ mount, index }))
      .filter(({ mount }) => !volumes.includes(mount.volume))
      .map(({ mount, index }) => ({
        path: `${where}.mounts[${index}].volume`,
        message: `is "${mount.volume}", which is not under \`volumes\`${closest(mount.volume, volumes)}`,
      })),
  );
}

function checkPlacement(key: string, service: ServiceConfig, keys: readonly string[]): Problem[] {
  return (["near", "apart"] as const).flatMap((side) =>
    Object.keys(service.placement[side])
      .filter((other) => other === key || !keys.includes(other))
      .map((other) => ({
        path: `services.${key}.placement.${side}.${other}`,
        message:
          other === key
            ? "is the service itself; `spread` places its own pods"
            : `is not under \`services\`${closest(other, keys)}`,
      })),
  );
}

function checkNodePorts(entries: readonly [string, ServiceConfig][]): Problem[] {
  const first = new Map<number, string>();
  return entries.flatMap(([key, { expose }]) => {
    if (expose.kind !== "NodePort") return [];
    const { nodePort } = expose;
    const owner = first.get(nodePort);
    if (owner === undefined) first.set(nodePort, key);
    return owner === undefined
      ? []
      : [{ path: `services.${key}.expose.nodePort`, message: `is ${nodePort}, which services.${owner} has already` }];
  });
}

function checkPinned(path: string, service: ServiceConfig): Problem[] {
  const { image, versions = {}, sidecars, initContainers } = service;
  const named: Record<string, Record<string, { image: string }>> = { versions, sidecars, initContainers };
  const images: [where: string, reference: string | undefined][] = [
    [`${path}.image`, image],
    ...Object.entries(named).flatMap(([kind, containers]) =>
      Object.entries(containers).map(([name, own]): [string, string] => [`${path}.${kind}.${name}.image`, own.image]),
    ),
  ];
  return images
    .filter(([, reference]) => reference !== undefined && !isPinned(reference))
    .map(([where, reference]) => ({
      path: where,
      message: `is ${reference ?? ""}, which can change under its name; give a fixed tag or a digest (pinnedImages is on)`,
    }));
}

function isPinned(reference: string): boolean {
  const tag = /:([\w.-]+)$/.exec(reference)?.[1];
  return reference.includes("@sha256:") || (tag !== undefined && tag !== "latest");
}
