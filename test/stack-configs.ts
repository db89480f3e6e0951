import fc from "fast-check";
import { ConfigError, parseStackConfig, type Problem } from "../components/config";
import { presetImages } from "../components/config/presets";
import { stackConfig } from "../components/config/schema";
import { arbitraryOf } from "./arbitrary";

/** The values of a stack file's `ftgo:` keys. */
export type RawConfig = Record<string, unknown> & { services?: Record<string, RawService> };
type Keyed = Record<string, unknown>;
interface RawService extends Keyed {
  readonly image?: unknown;
  readonly versions?: Keyed;
  readonly volumes?: Keyed;
  readonly canary?: object;
  readonly mounts?: readonly object[];
  readonly placement?: { readonly near?: Keyed; readonly apart?: Keyed };
  readonly callers?: readonly string[];
  readonly traffic?: { readonly limits?: { readonly callers?: Keyed } };
}

/** For keys that take any text, and for those whose form a function checks. */
const texts = fc.constantFrom("some text: \"a\", 'b'\n# é", "", "/a", "10.20.0.0/16", "0.0.0.0/0", "250m", "1Gi", "0");

/** Configs of the form that the schema describes; what joins several keys fits now and then. */
export const formedConfigs = arbitraryOf(stackConfig, texts) as fc.Arbitrary<RawConfig>;

/** Whole stack configs that the check accepts, with all that may be in one. */
export const acceptedConfigs: fc.Arbitrary<RawConfig> = fc
  .tuple(formedConfigs, fc.subarray(Object.keys(presetImages)))
  .map(([config, presets]) => mended(joined(config, presets)))
  .filter((config) => config !== undefined);

/** What the check says against a config. */
export function problemsOf(check: () => unknown): readonly Problem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** `services.shop.mounts[0].volume` to its keys. */
export function keysOf(path: string): string[] {
  const keys = path.matchAll(/\["(.*?)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...keys].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** The config with the first services called as the presets are, and with names of what is there where a key names something. */
function joined({ services = {}, ...config }: RawConfig, presets: readonly string[]): RawConfig {
  const named = Object.entries(services).map(([key, service], index) => [presets[index] ?? key, service] as const);
  const keys = named.map(([key]) => key);
  const entries = named.map(([key, service]) => {
    const others = keys.filter((other) => other !== key);
    const { placement, mounts, volumes = {}, versions = {}, canary, image = "shop", callers, traffic } = service;
    const [stable, second] = Object.keys(versions);
    const fit = {
      mounts: mounts?.map((mount, index) => ({ ...mount, volume: Object.keys(volumes)[index] })),
      callers: callers && others.slice(0, callers.length),
      traffic: traffic && {
        ...traffic,
        limits: traffic.limits && {
          ...traffic.limits,
          callers: traffic.limits.callers && underNames(traffic.limits.callers, others.slice(0, callers?.length)),
        },
      },
      placement: placement && {
        ...placement,
        near: placement.near && underNames(placement.near, others),
        apart: placement.apart && underNames(placement.apart, others),
      },
      ...(stable === undefined
        ? { image, versions: undefined, stable: undefined, canary: undefined }
        : { image: undefined, stable, canary: canary && { ...canary, version: second } }),
    };
    return [key, { ...service, ...fit }] as const;
  });
  return JSON.parse(JSON.stringify({ ...config, services: Object.fromEntries(entries) })) as RawConfig;
}

function underNames(values: Keyed, names: readonly string[]): Keyed {
  return Object.fromEntries(names.slice(0, Object.keys(values).length).map((n, i) => [n, Object.values(values)[i]]));
}

/** The config without what the check refuses; undefined when it cannot do without. */
function mended(config: unknown): RawConfig | undefined {
  if (config === undefined) return undefined;
  const [problem] = problemsOf(() => parseStackConfig(config as RawConfig, "a file"));
  return problem === undefined ? (config as RawConfig) : mended(without(config, keysOf(problem.path)));
}

/** The value without what stands at the path; of what is missing, without what misses it. */
function without(value: unknown, path: readonly string[]): unknown {
  const parent = path.slice(0, -1).reduce<unknown>((inner, key) => (inner as Keyed | undefined)?.[key], value);
  const key = path.at(-1);
  if (key === undefined) return undefined;
  if (typeof parent !== "object" || parent === null || !Object.hasOwn(parent, key))
    return without(value, path.slice(0, -1));
  const copy = structuredClone(value);
  const place = path.slice(0, -1).reduce<unknown>((inner, step) => (inner as Keyed)[step], copy);
  if (Array.isArray(place)) place.splice(Number(key), 1);
  else Reflect.deleteProperty(place as object, key);
  return copy;
}
