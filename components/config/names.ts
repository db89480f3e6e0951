import { loginAccount, storeNames } from "./data-stores";
import type { Problem } from "./problems";
import { oneImage } from "./routed";
import type { ServiceConfig } from "./service";
import { ifSound } from "./sound";

/**
 * Logical names of what the program makes beside the services. `ftgo` tells what belongs to a service by `<name>/`, which would
 * mean these too. A test holds the list against the program.
 */
const programNames = [
  "aws",
  "cluster",
  "data",
  "database",
  "kubernetes",
  "mesh",
  "namespace",
  "network",
  "security",
  "storage",
  "telemetry",
];

/** Annotation of a namespace: the stack that has made it, and that it goes with. */
export const ofStack = "ftgo/stack";

/** Name of a version's Deployment, and of its subset in the mesh. The Deployment of a service with one image has the service's. */
export function deploymentName(name: string, version: string): string {
  return `${name}-${version}`;
}

/** Name of the policy that keeps the testers' header of an exposed service to those who may send it. */
export function testersPolicy(name: string): string {
  return `${name}-testers`;
}

/** A path as the key of a ConfigMap, which may hold no slash. */
export function fileKey(path: string): string {
  return path.slice(1).replaceAll("/", "_");
}

interface Named {
  readonly name: string;
  /** The key that it comes from. */
  readonly owner: string;
  /** Where it can be changed. */
  readonly path: string;
  readonly verb: string;
}

/**
 * Names in the cluster that two keys would give: the second object would silently take the place of the first. One for each key:
 * two services of one name have more than that in common.
 */
export function checkNames(services: readonly (readonly [string, ServiceConfig])[]): Problem[] {
  const first = new Map<string, string>([
    ...programNames.map((name) => [name, "the program itself"] as const),
    ["default", "Kubernetes"],
    [loginAccount, "dataStores.mysql"],
    ...Object.entries(storeNames).map(([store, name]) => [name, `dataStores.${store}`] as const),
  ]);
  const problems = new Map<string, Problem>();
  for (const { name, owner, path, verb } of services.flatMap((service) => ifSound(() => namesOf(service)))) {
    const taken = first.get(name);
    if (taken === undefined) first.set(name, owner);
    else if (!problems.has(path)) problems.set(path, { path, message: `${verb} ${name}, which ${taken} has already` });
  }
  return [...problems.values()];
}

function namesOf([key, service]: readonly [string, ServiceConfig]): Named[] {
  const { name = key, versions = {} } = service;
  const owner = `services.${key}`;
  const path = `${owner}.name`;
  const deployed = Object.keys(versions).map((version) => {
    const where = `${owner}.versions.${version}`;
    return { name: deploymentName(name, version), owner: where, path: where, verb: "is deployed as" };
  });
  if (deployed.length === 0)
    deployed.push({ name: deploymentName(name, oneImage), owner, path, verb: "makes a subset" });
  const policy = ifSound(() => {
    const { expose } = service;
    if (expose.kind === "ClusterIP" || expose.testers === undefined) return [];
    return [{ name: testersPolicy(name), owner: `${owner}.expose.testers`, path, verb: "makes a policy" }];
  });
  return [{ name, owner, path, verb: "is" }, ...deployed, ...policy];
}
