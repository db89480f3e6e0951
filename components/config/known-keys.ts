import { z } from "zod";
import { isMap, valueAt } from "./maps";
import { stackConfig } from "./schema";

/**
 * The keys that the schema knows at a path of a stack's values, for "did you mean". Where a map may be of several kinds
 * and says which, those of its kind.
 */
export function knownKeys(path: readonly PropertyKey[], values: unknown): string[] {
  let value = values;
  let schemas = unwrap(stackConfig, value);
  for (const key of path) {
    value = valueAt(value, [key]);
    schemas = schemas.flatMap((schema) => inside(schema, key).flatMap((s) => unwrap(s, value)));
  }
  return [...new Set(schemas.flatMap(keysOf))];
}

function keysOf(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  return schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : [];
}

function inside(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries<z.core.$ZodType>(schema.shape).flatMap(([name, s]) => (name === key ? s : []));
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (schema instanceof z.ZodArray) return [schema.element];
  return [];
}

/** The schemas that a value may have to fit: without defaults and the like, and one for each branch of a union. */
function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType[] {
  if (schema instanceof z.ZodDiscriminatedUnion) return ofItsKind(schema, value).flatMap((s) => unwrap(s, value));
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((s) => unwrap(s, value));
  if (schema instanceof z.ZodPipe) return unwrap(schema.in, value);
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType ? unwrap(innerType, value) : [schema];
}

function ofItsKind(schema: z.ZodDiscriminatedUnion, value: unknown): z.core.$ZodType[] {
  const { discriminator } = schema.def;
  const kind = isMap(value) ? value[discriminator] : undefined;
  const fitting = schema.options.filter((option) => option._zod.propValues?.[discriminator]?.has(kind as string));
  return fitting.length > 0 ? fitting : [...schema.options];
}
