import fc from "fast-check";
import { z } from "zod";

/**
 * Values that a zod schema may accept: whatever it says of types, bounds and patterns is kept; what only its own functions
 * check is not, so some of them are refused all the same. `texts` gives the texts that no pattern describes.
 */
export function arbitraryOf(schema: z.core.$ZodType, texts: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const of = (inner: z.core.$ZodType) => arbitraryOf(inner, texts);
  if (schema instanceof z.ZodOptional) return fc.option(of(schema.unwrap()), { nil: undefined, freq: 2 });
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return fc.option(of(schema.unwrap()), { nil: undefined, freq: 2 });
  if (schema instanceof z.ZodPipe) return of(schema.in);
  if (schema instanceof z.ZodObject) return arbitraryObject(schema, of);
  if (schema instanceof z.ZodRecord)
    return fc.dictionary(of(schema.keyType) as fc.Arbitrary<string>, of(schema.valueType), { maxKeys: 3 });
  if (schema instanceof z.ZodArray) return fc.array(of(schema.element), { minLength: lengthOf(schema), maxLength: 3 });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((option) => of(option)));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber) {
    const { minValue, maxValue, isInt } = schema;
    const range = { min: bound(minValue, 0), max: bound(maxValue, 100_000) };
    return isInt ? fc.integer(range) : fc.double({ ...range, noNaN: true });
  }
  if (schema instanceof z.ZodString) return arbitraryText(schema, texts);
  throw new Error(`no values are known for ${schema._zod.def.type}`);
}

function arbitraryObject(schema: z.ZodObject, of: (inner: z.core.$ZodType) => fc.Arbitrary<unknown>) {
  const values = Object.entries<z.core.$ZodType>(schema.shape).map(([key, inner]) => [key, of(inner)] as const);
  return fc.record(Object.fromEntries(values)).map((record) => {
    const given = Object.entries(record).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given);
  });
}

function arbitraryText(schema: z.ZodString, texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const patterns = (schema._zod.def.checks ?? []).flatMap((check) => {
    const { pattern } = check._zod.def as { pattern?: RegExp };
    return pattern ? [pattern] : [];
  });
  const [first, ...others] = patterns;
  const { minLength, maxLength } = schema;
  const fits = (text: string) =>
    text.length >= (minLength ?? 0) &&
    text.length <= (maxLength ?? Infinity) &&
    others.every((pattern) => pattern.test(text));
  if (first === undefined) return texts.filter(fits);
  const short = fc.stringMatching(first, { size: "-1" }).filter(fits);
  // Names as long as they may be: something is put behind them elsewhere.
  if (!/^[^*+]*\$$/.test(first.source)) return short;
  const long = fc.stringMatching(first, { size: "max" }).filter(fits);
  return fc.oneof({ arbitrary: short, weight: 9 }, { arbitrary: long, weight: 1 });
}

function lengthOf({ _zod }: z.ZodArray): number {
  const checks = (_zod.def.checks ?? []).map((check) => check._zod.def as { check: string; minimum?: number });
  return checks.find(({ check }) => check === "min_length")?.minimum ?? 0;
}

function bound(value: number | null, otherwise: number): number {
  return value === null || Math.abs(value) > 2 ** 31 - 1 ? otherwise : value;
}

/** Values of any kind, as YAML may hold them. */
export const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(null, true, 0, -1, 1.5, 1e21, "", "v1", "5", "yes", "__proto__", "constructor"),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "kind", "secure", "image", "constructor", "1"), tie("value"), { maxKeys: 2 }),
  ),
})).value;

/** A copy of a map with something else at one place in it. */
export function mutated(value: unknown): fc.Arbitrary<unknown> {
  const paths = placesIn(value).slice(1);
  if (paths.length === 0) return fc.constant(value);
  return fc.constantFrom(...paths).chain((path) => anything.map((other) => replaceAt(value, path, other)));
}

function placesIn(value: unknown): PropertyKey[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const below = Object.entries(value).flatMap(([key, item]) => placesIn(item).map((path) => [key, ...path]));
  return [[], ...below];
}

function replaceAt(value: unknown, [key, ...rest]: PropertyKey[], other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaceAt(item, rest, other) : (item as unknown)));
  const record = value as Record<string, unknown>;
  return { ...record, [key]: replaceAt(record[String(key)], rest, other) };
}
