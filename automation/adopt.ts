import { isDeepStrictEqual } from "node:util";
import { type Environment, fingerprintOf, podKeys } from "../components/config";
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
  const path = ["services", service];
  const { versions } = findService(read(current), service);
  return versions.flatMap(({ version, deployment, image, replicas }) => {
    const found = live.get(deployment);
    if (found === undefined) return [];
    const own = version === undefined ? path : [...path, "versions", version];
    const count =
      typeof replicas === "number" && found.desired !== replicas
        ? [{ path: [...own, "replicas"], value: found.desired }]
        : [];
    const runs = (candidate: RawService, one = deployment) =>
      fingerprintAt(read, candidate, service, one) === live.get(one)?.fingerprint;
    // What is taken for one version leaves those alone that run what the file says.
    const others = versions.map((each) => each.deployment).filter((one) => one !== deployment && runs(current, one));
    const fits = (candidate: RawService) => runs(candidate) && others.every((one) => runs(candidate, one));
    if (found.fingerprint === undefined || runs(current)) {
      return found.image === image ? count : [{ path: [...own, "image"], value: found.image }, ...count];
    }
    const undone = earlier
      .flatMap((config) => [withPodsOf(current, config, version), withVersionOf(current, config, version)])
      .find(fits);
    if (undone === undefined) {
      return found.image === image ? count : [{ path: [...own, "image"], value: found.image }, ...count];
    }
    return [...difference(path, current, undone), ...count];
  });
}

/** The service as it is, with what another config says of its pods. */
function withPodsOf(current: RawService, config: RawService, version: string | undefined): RawService {
  const others = Object.entries(current).filter(([key]) => !isPodKey(key));
  const pods = Object.entries(config).filter(([key]) => isPodKey(key));
  const merged = { ...Object.fromEntries(others), ...Object.fromEntries(pods) };
  if (version === undefined) return merged;
  const versionsOf = (from: RawService) => (from["versions"] ?? {}) as RawService;
  return { ...merged, versions: { ...versionsOf(current), [version]: versionsOf(config)[version] } };
}

/** The same for one version alone: what the service said of all its pods is said at the version, as far as that can be. */
function withVersionOf(current: RawService, config: RawService, version: string | undefined): RawService {
  if (version === undefined) return current;
  const versionsOf = ({ versions = {} }: RawService) => versions as Readonly<Record<string, RawService | undefined>>;
  const { env = {}, ...own } = versionsOf(config)[version] ?? {};
  const all = { ...(config["env"] as object | undefined), ...(env as object) };
  const merged = { ...own, ...(Object.keys(all).length > 0 && { env: all }) };
  return { ...current, versions: { ...versionsOf(current), [version]: merged } };
}

function isPodKey(key: string): boolean {
  return (podKeys as readonly string[]).includes(key);
}

/** Of versions one by one: another one may have been undone, too. */
function difference(path: string[], from: RawService, to: RawService): Edit[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((key) => !isDeepStrictEqual(from[key], to[key]))
    .flatMap((key) => {
      const [before, after] = [from[key], to[key]];
      if (key === "versions" && isMap(before) && isMap(after)) return difference([...path, key], before, after);
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
