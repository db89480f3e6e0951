import { fileKey } from "./names";
import { closest, type Problem } from "./problems";
import type { ServiceConfig } from "./service";
import { ifSound } from "./sound";

/** Rules between the keys of one service that shape its pods. @param keys of all services */
export function checkPod(key: string, service: ServiceConfig, keys: readonly string[]): Problem[] {
  const rules = [checkNames, checkFiles, checkVariables, checkMounts, checkMountPaths];
  return [
    ...rules.flatMap((rule) => ifSound(() => rule(key, service))),
    ...ifSound(() => checkPlacement(key, service, keys)),
  ];
}

/** Volumes and containers that a pod has without being told; those of the sidecar are merged with what has their name. */
const ownVolumes = /^(tmp|config-files|istio.*|workload-(certs|socket)|credential-socket)$/;
const ownContainers = /^(istio-.*|enable-core-dump)$/;

/** What Kubernetes wants to be unique in a pod, and would refuse only in the middle of an update. */
function checkNames(key: string, service: ServiceConfig): Problem[] {
  const path = `services.${key}`;
  const { name = key, volumes, sidecars, initContainers } = service;
  const taken = (kind: string, names: string[], own: RegExp, others: string[]) =>
    names
      .filter((given) => own.test(given) || others.includes(given))
      .map((given) => ({
        path: `${path}.${kind}.${given}`,
        message: "has a name that the pod uses already; choose another",
      }));
  return [
    ...taken("volumes", Object.keys(volumes), ownVolumes, []),
    ...taken("sidecars", Object.keys(sidecars), ownContainers, [name]),
    ...taken("initContainers", Object.keys(initContainers), ownContainers, [name, ...Object.keys(sidecars)]),
  ];
}

function checkMounts(key: string, service: ServiceConfig): Problem[] {
  const volumes = Object.keys(service.volumes);
  return containersOf(key, service).flatMap(({ where, mounts }) =>
    mounts
      .map(({ volume }, index) => ({ volume, index }))
      .filter(({ volume }) => !volumes.includes(volume))
      .map(({ volume, index }) => ({
        path: `${where}.mounts[${index}].volume`,
        message: `is "${volume}", which is not under \`volumes\`${closest(volume, volumes)}`,
      })),
  );
}

/** A container sees one thing at a path. */
function checkMountPaths(key: string, service: ServiceConfig): Problem[] {
  return containersOf(key, service).flatMap(({ where, mounts, taken }) => {
    const paths = [...taken, ...mounts.map((mount) => mount.path)];
    return mounts.flatMap((mount, index) =>
      paths.indexOf(mount.path) < taken.length + index
        ? [
            {
              path: `${where}.mounts[${index}].path`,
              message: `is "${mount.path}", where something is already; choose another`,
            },
          ]
        : [],
    );
  });
}

function checkFiles(key: string, { config }: ServiceConfig): Problem[] {
  const files = Object.keys(config.files);
  const keys = files.map(fileKey);
  return files.flatMap((file, index) => {
    const path = `services.${key}.config.files["${file}"]`;
    const above = files.find((other) => file.startsWith(`${other}/`));
    if (above !== undefined) return [{ path, message: `is below ${above}, which is a file too; choose another` }];
    if (file === "/tmp") return [{ path, message: "is a folder of every container; choose another" }];
    if (keys.indexOf(keys[index] ?? "") === index) return [];
    return [{ path, message: "differs from another one only in '/' and '_', which a ConfigMap cannot tell apart" }];
  });
}

/** Variables that are handed from a Secret: another value would be one in plain text, beside it. */
export const loginVariables = ["SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD"];

/** The variables that a service is told in plain text, by where they stand. */
export function plainVariables({ env, config, versions = {} }: ServiceConfig) {
  const own = Object.entries(versions).map(([version, { env: its }]) => [`versions.${version}.env`, its] as const);
  return [["env", env] as const, ["config.env", config.env] as const, ...own];
}

function checkVariables(key: string, service: ServiceConfig): Problem[] {
  if (!service.dataStores) return [];
  return plainVariables(service).flatMap(([where, variables]) =>
    loginVariables
      .filter((name) => name in variables)
      .map((name) => ({
        path: `services.${key}.${where}.${name}`,
        message: "comes from the Secret of the database, because `dataStores` is on; remove it",
      })),
  );
}

function containersOf(key: string, { mounts, config, sidecars, initContainers }: ServiceConfig) {
  const path = `services.${key}`;
  const helpers = Object.entries({ sidecars, initContainers }).flatMap(([kind, containers]) =>
    Object.entries(containers).map(([name, own]) => ({
      where: `${path}.${kind}.${name}`,
      mounts: own.mounts,
      taken: [] as string[],
    })),
  );
  return [{ where: path, mounts, taken: ["/tmp", ...Object.keys(config.files)] }, ...helpers];
}

function checkPlacement(key: string, { placement }: ServiceConfig, keys: readonly string[]): Problem[] {
  return (["near", "apart"] as const).flatMap((side) =>
    Object.keys(placement[side]).flatMap((other) => {
      const path = `services.${key}.placement.${side}.${other}`;
      if (other === key) return [{ path, message: "is the service itself; `spread` places its own pods" }];
      if (!keys.includes(other)) return [{ path, message: `is not under \`services\`${closest(other, keys)}` }];
      if (side === "near" || placement.near[other] === undefined) return [];
      return [{ path, message: "stands under `near` too; keep one of the two" }];
    }),
  );
}

/** Placements of several services that no scheduler could keep all at once: pods would wait for each other for ever. */
export function checkPlacements(services: readonly (readonly [string, ServiceConfig])[]): Problem[] {
  const required = (side: "near" | "apart") =>
    new Map(
      services.map(([key, { placement }]) => [
        key,
        ifSound(() => Object.keys(placement[side]).filter((other) => placement[side][other] === "required")),
      ]),
    );
  const [near, apart] = [required("near"), required("apart")];
  const all = new Map([...near.keys()].map((key) => [key, reached(near, key)]));
  const waiting = [...near].flatMap(([key, others]) =>
    others
      .filter((other) => other !== key && all.get(other)?.has(key))
      .map((other) => ({
        path: `services.${key}.placement.near.${other}`,
        message: `is required, and ${other} waits for ${key} in the same way: neither could start; make one "preferred"`,
      })),
  );
  const forbidden = [...apart].flatMap(([key, others]) =>
    others.flatMap((other) => {
      // What is wrong with one service alone has been told.
      if (other === key || !near.has(other) || near.get(key)?.includes(other)) return [];
      const both = [key, other];
      const third = [...all].find(([, together]) => both.every((one) => together.has(one)))?.[0];
      if (third === undefined) return [];
      const neighbours = both.filter((one) => one !== third).join(" and ");
      return [
        {
          path: `services.${key}.placement.apart.${other}`,
          message: `is required, but so is that ${third} is on one node with ${neighbours}; make one "preferred"`,
        },
      ];
    }),
  );
  return [...waiting, ...forbidden];
}

/** A service and all that its pods are on one node with: those that it is near to, be it by way of others. */
function reached(near: ReadonlyMap<string, readonly string[]>, from: string, all = new Set<string>()): Set<string> {
  if (all.has(from)) return all;
  all.add(from);
  for (const next of near.get(from) ?? []) reached(near, next, all);
  return all;
}
