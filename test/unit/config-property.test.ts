import { strict as assert } from "node:assert";
import fc from "fast-check";
import { stringify, type ToStringOptions } from "yaml";
import { readConfig, type StackFile, toEnvironment } from "../../automation/stack-file";
import { keyPrefix, parseStackConfig, stackFileSchema } from "../../components/config";
import { mutated } from "../arbitrary";
import { acceptedConfigs, formedConfigs, keysOf, problemsOf, type RawConfig } from "../stack-configs";

/** Configs of all kinds: good ones, and ones with something wrong in them. */
const configs = fc.oneof(formedConfigs, acceptedConfigs).chain((config) => {
  const wrong = mutated(config) as fc.Arbitrary<RawConfig>;
  return fc.oneof(fc.constant(config), wrong);
});
const styles = fc.record<ToStringOptions>({ collectionStyle: fc.constantFrom("block", "flow") });
const numRuns = Number(process.env["FTGO_RUNS"] ?? 100);

interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: JsonSchema[];
  readonly oneOf?: JsonSchema[];
}

const schema = (stackFileSchema() as unknown as { properties: { config: JsonSchema } }).properties.config;

/** Whether a path such as `services.shop.mounts[0].volume` leads somewhere in the values or in the schema. */
function exists(path: string, raw: unknown): boolean {
  const [first = "", ...rest] = keysOf(path.startsWith(keyPrefix) ? path.slice(keyPrefix.length) : path);
  return isIn(raw, [first, ...rest]) || isInSchema(schema, [keyPrefix + first, ...rest]);
}

function isIn(value: unknown, [key, ...rest]: string[]): boolean {
  if (key === undefined) return true;
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? isIn((value as Record<string, unknown>)[key], rest)
    : false;
}

function isInSchema(schema: JsonSchema, [key, ...rest]: string[]): boolean {
  if (key === undefined) return true;
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [] } = schema;
  const inside = [properties[key], typeof additionalProperties === "object" ? additionalProperties : undefined, items];
  return (
    inside.some((inner) => inner !== undefined && isInSchema(inner, rest)) ||
    [...anyOf, ...oneOf].some((branch) => isInSchema(branch, [key, ...rest]))
  );
}

/** A stack file that says these values. */
function fileOf(raw: RawConfig, style: ToStringOptions): StackFile {
  const config = Object.fromEntries(Object.entries(raw).map(([key, value]) => [keyPrefix + key, value]));
  const text = stringify({ config }, style);
  return { stack: "any", path: "/any", name: "stacks/Pulumi.any.yaml", text };
}

describe("any config", () => {
  it("is accepted, or refused with keys that are in the file or in the schema (promise 2)", () => {
    fc.assert(
      fc.property(configs, styles, (raw, style) => {
        const file = fileOf(raw, style);
        const problems = problemsOf(() => toEnvironment(file));
        for (const { path, message } of problems) {
          assert.ok(exists(path, raw), `${path} ${message}\n${file.text}`);
          assert.doesNotMatch(message, /undefined|\[object|NaN/, message);
        }
        const told = problems.map(({ path, message }) => `${path} ${message}`);
        assert.deepEqual(told, [...new Set(told)], "nothing is told twice");
      }),
      { numRuns },
    );
  });

  it("is read from a file as it was written there", () => {
    fc.assert(
      fc.property(acceptedConfigs, styles, (raw, style) => {
        const file = fileOf(raw, { ...style, defaultStringType: "QUOTE_DOUBLE" });
        assert.deepEqual(readConfig(file), raw);
        assert.deepEqual(toEnvironment(file), parseStackConfig(raw, file.name));
      }),
      { numRuns },
    );
  });
});
