import { z } from "zod";
import { type Environment, type Service, toEnvironment } from "./model";
import { withPreset } from "./presets";
import { ConfigError, toProblems } from "./problems";
import { checkRules } from "./rules";
import { stackConfig, type StackConfig } from "./schema";
import type { ServiceInput } from "./service";

export * from "./model";
export { ConfigError, type Problem } from "./problems";

/** Prefix of every key of ours in a stack file: Pulumi's project name. */
export const keyPrefix = "ftgo:";

/**
 * Checks the values of a stack's `ftgo:` keys and gives the environment that they describe.
 * @param raw values by key without the prefix, `secrets` in their encrypted form
 * @param source what to call it in messages: the stack file
 * @throws ConfigError with every problem at once
 */
export function parseStackConfig(raw: Record<string, unknown>, source: string): Environment {
  const input = withPresets(raw);
  const result = stackConfig.safeParse(input);
  if (!result.success) throw new ConfigError(toProblems(result.error.issues, input, allowedKeys), source);
  const problems = checkRules(result.data);
  if (problems.length > 0) throw new ConfigError(problems, source);
  return toEnvironment(result.data);
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
  const { services } = raw;
  if (typeof services !== "object" || services === null || Array.isArray(services)) return raw;
  const merged = Object.entries(services as Record<string, unknown>).map(([key, given]) => [
    key,
    given === null ? withPreset(key, {}) : isMap(given) ? withPreset(key, given as ServiceInput) : given,
  ]);
  return { ...raw, services: Object.fromEntries(merged) as unknown };
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The keys that the schema knows at a path, for "did you mean". */
function allowedKeys(path: readonly PropertyKey[]): string[] {
  let schemas: z.core.$ZodType[] = [stackConfig];
  for (const key of path) schemas = schemas.flatMap((schema) => children(schema, key));
  return [
    ...new Set(
      schemas.flatMap((schema) =>
        unwrap(schema).flatMap((s) => (s instanceof z.ZodObject ? Object.keys(s.shape as object) : [])),
      ),
    ),
  ];
}

function children(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  return unwrap(schema).flatMap((s) => {
    if (s instanceof z.ZodObject) return (s.shape as Record<PropertyKey, z.core.$ZodType>)[key] ?? [];
    if (s instanceof z.ZodRecord) return s.valueType;
    if (s instanceof z.ZodArray) return s.element;
    return [];
  });
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodDiscriminatedUnion) return schema.options.flatMap(unwrap);
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType ? unwrap(innerType) : [schema];
}
export type { StackConfig };

/**
 * A service with all defaults applied, as components take it. `restaurant`, `consumer` and `gateway` have the seed's.
 * @throws ConfigError with every problem at once
 */
export function defineService(key: string, given: ServiceInput = {}): Service {
  const raw = {
    cluster: { kind: "embedded" },
    services: { [key]: given },
    secrets: { databasePassword: { secure: "" } },
  };
  const [defined] = parseStackConfig(raw, `service ${key}`).services;
  if (defined === undefined) throw new Error(`no service came of ${key}`);
  return defined;
}
