import { field, isFields, isSecret, plain, secret, some, text } from "./wire";
import type { Fields, Value } from "./wire";

const secretFields = ["data", "stringData"];

/**
 * Marks in `object` what is secret: the data of a Secret always, and whatever `inputs` marks at the same place.
 * A list with a secret in it becomes secret as a whole, because the server may reorder its elements.
 */
export function withSecretsMarked(object: Fields, inputs: Fields): Fields {
  const marked = markLike(object, inputs);
  if (text(object, "kind") !== "Secret" || text(object, "apiVersion") !== "v1") return marked;
  for (const name of secretFields) if (marked[name] !== undefined) marked[name] = secret(marked[name]);
  return marked;
}

function markLike(object: Fields, inputs: Fields): Fields {
  const result: Fields = { ...object };
  for (const [key, input] of Object.entries(inputs)) {
    const value = result[key];
    if (value === undefined) continue;
    if (isFields(value) && isFields(input) && !isSecret(input)) result[key] = markLike(value, input);
    else if (some(input, isSecret)) result[key] = secret(value);
  }
  return result;
}

/**
 * Returns a function that takes the secrets of `inputs` out of a message: the API server quotes what it refuses.
 * Finds each value as it is, in base64, and escaped as in JSON.
 */
export function redactor(inputs: Fields): (message: string) => string {
  const found = new Set<string>();
  collect(withSecretsMarked(inputs, inputs), false, found);
  const forms = [...found].flatMap((value) => [
    value,
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value, "utf8").toString("base64"),
    Buffer.from(value, "base64").toString("utf8"),
  ]);
  const needles = [...new Set(forms)].filter((form) => form.length >= 3).sort((a, b) => b.length - a.length);
  return (message) => needles.reduce((result, needle) => result.split(needle).join("[secret]"), message);
}

function collect(value: Value, secretAbove: boolean, found: Set<string>): void {
  if (isSecret(value)) {
    collect(plain(value), true, found);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, secretAbove, found);
  } else if (isFields(value)) {
    for (const item of Object.values(value)) collect(item, secretAbove, found);
  } else if (secretAbove && (typeof value === "string" || typeof value === "number")) {
    found.add(String(value));
  }
}

/** True if the object is a core Secret. */
export function isSecretObject(object: Fields): boolean {
  return field(object, "kind") === "Secret" && field(object, "apiVersion") === "v1";
}
