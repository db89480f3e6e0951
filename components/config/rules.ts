import { checkEks, checkExpose, checkRegion } from "./aws-rules";
import { storeNames } from "./data-stores";
import { valueAt } from "./maps";
import { checkNames } from "./names";
import { checkRepeated, closest, type Problem } from "./problems";
import type { StackConfig } from "./schema";
import { checkPlacements, checkPod } from "./pod-rules";
import { routedVersions } from "./routed";
import { checkNeeded, checkSecretEnv } from "./secret-rules";
import type { ServiceConfig } from "./service";
import { ifSound } from "./sound";
import { checkTestHeaders, checkTraffic } from "./traffic-rules";

/** What of a stack's values the schema has found to be sound. */
export interface SoundParts extends Partial<
  Pick<StackConfig, "cluster" | "namespace" | "mesh" | "pinnedImages" | "dataStores" | "telemetry" | "secrets">
> {
  /** Of all services, those of which nothing is sound among them. */
  readonly keys: readonly string[];
  readonly services: readonly (readonly [key: string, service: ServiceConfig])[];
}

/**
 * Rules that join several keys, which a schema cannot say. Each is held against what is sound of the keys that it joins.
 * @param stack for commands that they name
 */
export function checkRules(parts: SoundParts, stack?: string): Problem[] {
  const { cluster, namespace, pinnedImages = false, keys, services } = parts;
  const kind = ifSound(() => (cluster ? [cluster.kind] : []))[0];
  return [
    ...services.flatMap(([key, service]) => [
      ...versionRules.flatMap((rule) => ifSound(() => rule(`services.${key}`, service))),
      ...checkPod(key, service, keys),
      ...checkTraffic(key, service, { keys, namespace, cluster: kind }),
      ...ifSound(() => checkRepeated(`services.${key}.imagePullSecrets`, service.imagePullSecrets)),
      ...(pinnedImages ? checkPinned(`services.${key}`, service, imagesOf(service)) : []),
      ...ifSound(() => checkExpose(`services.${key}.expose`, service.expose, kind)),
      ...ifSound(() => (cluster ? checkRegion(`services.${key}.expose`, service.expose, cluster) : [])),
    ]),
    ...(pinnedImages ? checkPinned("dataStores", parts.dataStores, storeImages) : []),
    ...(pinnedImages ? checkPinned("telemetry", parts.telemetry, telemetryImages) : []),
    ...checkNames(services),
    ...checkPlacements(services),
    ...checkNeeded(parts, stack),
    ...ifSound(() => checkSecretEnv(parts, stack)),
    ...checkNodePorts(services),
    ...checkTestHeaders(services),
    ...ifSound(() => checkNamespaces(parts)),
    ...ifSound(() => checkJoined(parts)),
    ...ifSound(() => (cluster?.kind === "eks" ? checkEks(cluster) : [])),
  ];
}

/** What is said in the control plane's namespace holds for the whole mesh. */
function checkNamespaces({ namespace, mesh }: SoundParts): Problem[] {
  if (namespace === undefined || mesh?.namespace !== namespace) return [];
  return [{ path: "namespace", message: `is "${namespace}", where the control plane is; choose another` }];
}

/** What only the stack that installs the mesh can say. */
function checkJoined({ cluster, mesh, telemetry }: SoundParts): Problem[] {
  if (mesh?.install !== false) return [];
  const { accessLog = false, prometheus, tracing } = telemetry ?? {};
  const said = Object.entries({ accessLog, prometheus, tracing }).filter(([, value]) => value);
  const elsewhere = said.map(([key]) => ({
    path: `telemetry.${key}`,
    message: "holds for the whole mesh, which another stack installs (`mesh.install` is false); say it there",
  }));
  if (cluster?.kind !== "eks") return elsewhere;
  const message =
    "is false, and a cluster of kind eks is made here, without a mesh; reach another stack's by kind kubeconfig";
  return [...elsewhere, { path: "mesh.install", message }];
}

type ServiceRule = (path: string, service: ServiceConfig) => Problem[];

const versionRules: readonly ServiceRule[] = [checkImage, checkStable, checkCanary, checkServed];

function checkImage(path: string, service: ServiceConfig): Problem[] {
  const { image, versions } = service;
  if (versions !== undefined) {
    if (image !== undefined)
      return [{ path: `${path}.image`, message: "stands beside `versions`; keep one of the two" }];
    const isEmpty = Object.keys(versions).length === 0;
    return isEmpty ? [{ path: `${path}.versions`, message: "is empty; name at least one version" }] : [];
  }
  if (image === undefined) return [{ path, message: "has neither `image` nor `versions`; give one of them" }];
  const extra = (["stable", "canary"] as const).filter((key) => service[key] !== undefined);
  return extra.map((key) => ({ path: `${path}.${key}`, message: "needs `versions`; this service has one `image`" }));
}

function checkStable(path: string, { versions = {}, stable }: ServiceConfig): Problem[] {
  const names = Object.keys(versions);
  if (names.length === 0) return [];
  const where = `${path}.stable`;
  if (stable !== undefined) return unknownVersion(where, stable, names);
  return names.length === 1
    ? []
    : [{ path: where, message: `is missing; name the version that users get: ${names.join(", ")}` }];
}

function checkCanary(path: string, { versions = {}, stable, canary }: ServiceConfig): Problem[] {
  const names = Object.keys(versions);
  if (names.length === 0 || canary === undefined) return [];
  const where = `${path}.canary.version`;
  const users = stable ?? names[0];
  const others = names.filter((name) => name !== users);
  if (canary.version !== users) return unknownVersion(where, canary.version, others);
  return [{ path: where, message: "is the stable version; name another one, or remove `canary`" }];
}

function unknownVersion(path: string, version: string, names: readonly string[]): Problem[] {
  if (names.includes(version)) return [];
  return [{ path, message: `is "${version}", which is not under \`versions\`${closest(version, names)}` }];
}

/** A version without pods answers nobody. */
function checkServed(path: string, { versions = {}, stable, canary, replicas }: ServiceConfig): Problem[] {
  const [first = ""] = Object.keys(versions);
  return routedVersions({ stable: stable ?? first, canary })
    .filter((version) => versions[version] && (versions[version].replicas ?? replicas) === 0)
    .map((version) => ({
      path: versions[version]?.replicas === 0 ? `${path}.versions.${version}.replicas` : `${path}.replicas`,
      message: `is 0, and users or testers get version ${version}; give it at least 1`,
    }));
}

function checkNodePorts(services: SoundParts["services"]): Problem[] {
  const first = new Map<number, string>();
  const ports = services.flatMap(([key, service]) =>
    ifSound(() => (service.expose.kind === "NodePort" ? [{ key, nodePort: service.expose.nodePort }] : [])),
  );
  return ports.flatMap(({ key, nodePort }) => {
    const owner = first.get(nodePort);
    if (owner === undefined) first.set(nodePort, key);
    return owner === undefined
      ? []
      : [{ path: `services.${key}.expose.nodePort`, message: `is ${nodePort}, which services.${owner} has already` }];
  });
}

/** Where the images of a service stand. */
function imagesOf(service: ServiceConfig): string[][] {
  const containers = (["versions", "sidecars", "initContainers"] as const).flatMap((kind) =>
    ifSound(() => Object.keys(service[kind] ?? {}).map((name) => [kind, name, "image"])),
  );
  return [["image"], ...containers];
}

const storeImages = Object.keys(storeNames).map((store) => [store, "image"]);
const telemetryImages = [
  ["prometheus", "image"],
  ["tracing", "collector", "image"],
];

/** @param places of images below `path`, whose value is `part` */
function checkPinned(path: string, part: unknown, places: readonly string[][]): Problem[] {
  const images = places.flatMap((keys) =>
    ifSound(() => [{ where: `${path}.${keys.join(".")}`, reference: valueAt(part, keys) as string | undefined }]),
  );
  return images
    .filter(({ reference }) => reference !== undefined && !isPinned(reference))
    .map(({ where, reference = "" }) => ({
      path: where,
      message: `is ${reference}, which can change under its name; give a fixed tag or a digest (pinnedImages is on)`,
    }));
}

function isPinned(reference: string): boolean {
  const tag = /:([\w.-]+)$/.exec(reference)?.[1];
  return reference.includes("@sha256:") || (tag !== undefined && tag !== "latest");
}
