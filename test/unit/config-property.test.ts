import { strict as assert } from "node:assert";
import fc from "fast-check";
import { ConfigError, parseStackConfig, stackFileSchema } from "../../components/config";
import { stackConfig } from "../../components/config/schema";
import { arbitraryOf, mutated } from "../arbitrary";

/** Texts for keys that take any. Names of versions and volumes among them, so that some fit. */
const texts = fc.constantFrom("v1", "v2", "a", "data", "some text", "");
const values = arbitraryOf(stackConfig, texts) as fc.Arbitrary<Record<string, unknown>>;
const wrong = values.chain((value) => mutated(value)) as fc.Arbitrary<Record<string, unknown>>;

function problemsOf(raw: unknown) {
  try {
    parseStackConfig(raw as Record<string, unknown>, "a file");
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: JsonSchema[];
  readonly oneOf?: JsonSchema[];
}

/** Whether a path such as `services.shop.mounts[0].volume` leads somewhere in the values or in the schema. */
function exists(path: string, raw: unknown): boolean {
  const keys = [...path.replace(/^ftgo:/, "").matchAll(/\["(.*?)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
  const schema = (stackFileSchema() as unknown as { properties: { config: JsonSchema } }).properties.config;
  return isIn(raw, keys) || isInSchema(schema, [`ftgo:${keys[0]}`, ...keys.slice(1)]);
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

describe("any config", () => {
  it("is accepted, or refused with keys that are in the file or in the schema (promise 2)", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof(values, wrong), (raw) => {
        const problems = problemsOf(raw);
        seen[problems.length > 0 ? "refused" : "accepted"] += 1;
        for (const { path, message } of problems) {
          assert.ok(exists(path, raw), `${path} ${message}\n${JSON.stringify(raw)}`);
          assert.doesNotMatch(message, /undefined|\[object|NaN/, message);
        }
        const told = problems.map(({ path, message }) => `${path} ${message}`);
        assert.deepEqual(told, [...new Set(told)], "nothing is told twice");
      }),
      { numRuns: Number(process.env["FTGO_RUNS"] ?? 150) },
    );
    assert.ok(seen.refused > 0);
  }).timeout(60_000);
});
