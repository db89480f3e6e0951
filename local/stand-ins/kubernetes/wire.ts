/** A Kubernetes object, or part of one, as the engine sends it: secrets and unknown values are still marked. */
export type Value = null | boolean | number | string | Value[] | Fields;
export interface Fields {
  [key: string]: Value;
}

/** What the engine sends in place of a value that is not known before the update. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value with the mark of a secret around it. */
export interface SecretValue extends Fields {
  value: Value;
}

export function isSecret(value: Value | undefined): value is SecretValue {
  return isFields(value) && value[signature] === secretSignature;
}

/** Marks a value as secret, once. */
export function secret(value: Value): Value {
  return isSecret(value) ? value : { [signature]: secretSignature, value };
}

/** The value without its secret marks: what the API server gets. */
export function plain<T extends Value>(value: T): T;
export function plain(value: Value): Value {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

export function some(value: Value | undefined, test: (value: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((item) => some(item, test));
  return isFields(value) && Object.values(value).some((item) => some(item, test));
}

export function hasUnknown(value: Value | undefined): boolean {
  return some(value, (item) => item === unknown);
}

/** The field at a path of keys, or undefined. */
export function field(value: Value | undefined, ...path: string[]): Value | undefined {
  let current = value;
  for (const key of path) current = isFields(current) ? current[key] : undefined;
  return current;
}

export function text(value: Value | undefined, ...path: string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A copy without some keys. */
export function omit(fields: Fields, ...keys: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}

/** A list at a path; empty when there is none. */
export function list(value: Value | undefined, ...path: string[]): Value[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function count(value: Value | undefined, ...path: string[]): number {
  const found = field(value, ...path);
  return typeof found === "number" ? found : 0;
}
