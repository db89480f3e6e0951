import { z } from "zod";
import { isMap, valueAt } from "./maps";
import { type Environment, type Service, toEnvironment } from "./model";
import { presetOf, withPreset } from "./presets";
import { ConfigError, type Problem } from "./problems";
import { checkRules, type SoundParts } from "./rules";
import { toProblems } from "./schema-problems";
import { stackConfig } from "./schema";
import { service, type ServiceInput } from "./service";
import { soundPart } from "./sound";

export { kubeconfigFile } from "./cluster";
export { loginAccount, storeNames } from "./data-stores";
export * from "./fingerprint";
export { baseRelease } from "./mesh";
export * from "./model";
export { deploymentName, fileKey, ofStack, testersPolicy } from "./names";
export { ConfigError, type Problem } from "./problems";
export { oneImage, routedSubsets, shares, subsetLabels, subsetOf } from "./routed";
export type { SecretName, StackConfig } from "./schema";
export { stickyGift, stickyMatches, stickyShare } from "./sticky";
export { collectorName, otlpPort } from "./telemetry";

/** Prefix of every key of ours in a stack file: Pulumi's project name. */
export const keyPrefix = "ftgo:";

/**
 * Checks the values of a stack's `ftgo:` keys and gives the environment that they describe.
 * @param raw values by key without the prefix, `secrets` in their encrypted form
 * @param source what to call it in messages: the stack file
 * @param of.found problems of the file itself, which its values do not show. @default none
 * @param of.stack name of the stack, for commands that messages name. @default they name none
 * @throws ConfigError with every problem at once
 */
export function parseStackConfig(
  raw: Record<string, unknown>,
  source: string,
  { found = [], stack }: { readonly found?: readonly Problem[]; readonly stack?: string } = {},
): Environment {
  const input = withPresets(raw);
  const { data, error } = stackConfig.safeParse(input);
  const own = [...toProblems(error?.issues ?? [], input, stack), ...checkRules(soundParts(input), stack)]
    .map(({ path, message }) => ({ path: keyPrefix + path, message }))
    // What a value is taken for when it is not read as it is written says nothing.
    .filter(({ path }) => !found.some((problem) => problem.path === path));
  const problems = [...found, ...own];
  if (data === undefined || problems.length > 0) throw new ConfigError(problems, source);
  return toEnvironment(data);
}

function soundParts(input: Record<string, unknown>): SoundParts {
  const { cluster, namespace, mesh, pinnedImages, dataStores, telemetry, secrets } = stackConfig.shape;
  const services = Object.entries(isMap(input["services"]) ? input["services"] : {});
  return {
    cluster: soundPart(cluster, input, ["cluster"]),
    namespace: soundPart(namespace, input, ["namespace"]),
    mesh: soundPart(mesh, input, ["mesh"]),
    pinnedImages: soundPart(pinnedImages, input, ["pinnedImages"]),
    dataStores: soundPart(dataStores, input, ["dataStores"]),
    telemetry: soundPart(telemetry, input, ["telemetry"]),
    secrets: soundPart(secrets, input, ["secrets"]),
    keys: services.map(([key]) => key),
    services: services.flatMap(([key]) => {
      const sound = soundPart(service, input, ["services", key]);
      return sound === undefined ? [] : [[key, sound]];
    }),
  };
}

/** The JSON Schema of a whole stack file, for editors. */
export function stackFileSchema(): Record<string, unknown> {
  const { properties, required, ...rest } = z.toJSONSchema(stackConfig, { io: "input" }) as {
    properties: Record<string, unknown>;
    required?: string[];
  };
  const prefixed = Object.fromEntries(Object.entries(properties).map(([key, value]) => [keyPrefix + key, value]));
  return {
    ...rest,
    title: "FTGO stack file",
    properties: {
      config: { type: "object", properties: prefixed, required: required?.map((key) => keyPrefix + key) },
    },
    additionalProperties: true,
  };
}

function withPresets(raw: Record<string, unknown>): Record<string, unknown> {
  const { services, secrets } = raw;
  if (!isMap(services)) return raw;
  const secretEnvOf = (key: string) => Object.keys((valueAt(secrets, ["env", key]) as object | undefined) ?? {});
  // `consumer:` with nothing behind it is the consumer service as the seed has it.
  const merged = Object.entries(services).map(([key, given]) => {
    const own = given ?? {};
    return [
      key,
      isMap(own) ? withPreset(key, own, { keys: Object.keys(services), secretEnv: secretEnvOf(key) }) : given,
    ];
  });
  return { ...raw, services: Object.fromEntries(merged) as unknown };
}

/** A service that is defined alone is in no namespace yet, so its callers may be of any: this one is nobody's. */
const nowhere = "x".repeat(63);

/**
 * A service with all defaults applied, as components take it. `restaurant`, `consumer` and `gateway` have the seed's.
 * @throws ConfigError with every problem at once
 */
export function defineService(key: string, given: ServiceInput = {}): Service {
  // What it is placed by, and who calls it, may be any service: of that only the name counts.
  const { callers = presetOf(key)?.callers ?? [], placement, traffic } = given;
  const named = { ...placement?.near, ...placement?.apart, ...traffic?.limits?.callers };
  const neighbours = [...callers, ...Object.keys(named)].filter((other) => !other.includes("/"));
  const raw = {
    cluster: { kind: "embedded" },
    namespace: nowhere,
    services: { ...Object.fromEntries(neighbours.map((other) => [other, { image: other }])), [key]: given },
    secrets: { databasePassword: { secure: "" }, databaseAdminPassword: { secure: "" } },
  };
  const defined = parseStackConfig(raw, `service ${key}`).services.find((made) => made.key === key);
  if (defined === undefined) throw new Error(`no service came of ${key}`);
  return defined;
}
