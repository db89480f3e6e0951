import { isDeepStrictEqual } from "node:util";
import { type Environment, fingerprintOf, podKeys, type Version } from "../components/config";
import { isMap } from "../components/config/maps";
import type { LiveDeployment } from "./live";
import { findService } from "./release";
import type { Edit } from "./stack-file";

type RawService = Readonly<Record<string, unknown>>;

export interface Adoption {
  /** Key under `services`. */
  readonly service: string;
  /** What the stack file says of it now. */
  readonly current: RawService;
  /** What earlier updates had said of it, newest first. */
  readonly earlier: readonly RawService[];
  /** The environment when the stack file says this of the service. @throws ConfigError */
  readonly read: (service: RawService) => Environment;
  /** What runs, by name of the Deployment. */
  readonly live: ReadonlyMap<string, LiveDeployment>;
}

/**
 * The edits after which the stack file says of a service what runs. A Deployment that was undone runs a config that the
 * stack has had: it is found in the history by its fingerprint. Of one that history does not know the image is taken.
 */
export function adoptionEdits({ service, current, earlier, read, live }: Adoption): Edit[] {
  const { versions } = findService(read(current), service);
  const runs = (config: RawService, deployment: string) =>
    fingerprintAt(read, config, service, deployment) === live.get(deployment)?.fingerprint;

  /** The config with what runs of one version. What it says of others that run it already stays. */
  const adopt = (config: RawService, { version, deployment, image, replicas }: Version): RawService => {
    const found = live.get(deployment);
    if (found === undefined) return config;
    const others = versions.filter((each) => each.deployment !== deployment && runs(config, each.deployment));
    const fits = (candidate: RawService) =>
      [{ deployment }, ...others].every((each) => runs(candidate, each.deployment));
    const isKnown = found.fingerprint === undefined || runs(config, deployment);
    const undone = isKnown
      ? undefined
      : earlier
          .flatMap((before) => [withPodsOf(config, before, version), withVersionOf(config, before, version)])
          .find(fits);
    const pods = undone ?? (found.image === image ? config : withKey(config, version, "image", found.image));
    const isScaled = typeof replicas === "number" && found.desired !== replicas;
    return isScaled ? withKey(pods, version, "replicas", found.desired) : pods;
  };
  return difference(["services", service], current, versions.reduce(adopt, current));
}

function withKey(config: RawService, version: string | undefined, key: string, value: unknown): RawService {
  if (version === undefined) return { ...config, [key]: value };
  return withVersion(config, version, { ...versionsOf(config)[version], [key]: value });
}

function withVersion(config: RawService, version: string, value: RawService): RawService {
  return { ...config, versions: { ...versionsOf(config), [version]: value } };
}

function versionsOf({ versions = {} }: RawService): Readonly<Record<string, RawService | undefined>> {
  return versions as Readonly<Record<string, RawService | undefined>>;
}

/** The service as it is, with what another config says of its pods. */
function withPodsOf(current: RawService, config: RawService, version: string | undefined): RawService {
  const merged = withPodKeys(current, config);
  if (version === undefined) return merged;
  return withVersion(merged, version, withPodKeys(versionsOf(current)[version], versionsOf(config)[version]));
}

/** The same for one version alone: what the service said of all its pods is said at the version, as far as that can be. */
function withVersionOf(current: RawService, config: RawService, version: string | undefined): RawService {
  if (version === undefined) return current;
  const own = versionsOf(config)[version];
  const env = { ...(config["env"] as object | undefined), ...(own?.["env"] as object | undefined) };
  const said = { ...own, ...(Object.keys(env).length > 0 && { env }) };
  return withVersion(current, version, withPodKeys(versionsOf(current)[version], said));
}

/** What shapes pods by one config, and the rest, such as their number, by the other. */
function withPodKeys(rest: RawService = {}, pods: RawService = {}): RawService {
  const others = Object.entries(rest).filter(([key]) => !isPodKey(key));
  return Object.fromEntries([...others, ...Object.entries(pods).filter(([key]) => isPodKey(key))]);
}

function isPodKey(key: string): boolean {
  return (podKeys as readonly string[]).includes(key);
}

/** What has to be edited, of versions key by key: what stays is not written again. */
function difference(path: string[], from: RawService, to: RawService): Edit[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((key) => !isDeepStrictEqual(from[key], to[key]))
    .flatMap((key) => {
      const [before, after] = [from[key], to[key]];
      const isOfVersions = key === "versions" || path.at(-1) === "versions";
      if (isOfVersions && isMap(before) && isMap(after)) return difference([...path, key], before, after);
      return [{ path: [...path, key], value: after }];
    });
}

/** Undefined for a config that cannot be used any more. */
function fingerprintAt(
  read: Adoption["read"],
  config: RawService,
  key: string,
  deployment: string,
): string | undefined {
  try {
    return fingerprintOf(findService(read(config), key), deployment);
  } catch {
    return undefined;
  }
}
