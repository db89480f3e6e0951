import { isQuantity, sameQuantity } from "./quantity";
import { field, isFields, isSecret, plain, secret, text } from "./wire";
import type { Fields, Value } from "./wire";

/**
 * The inputs as the cluster has them: what was asked for, with every value that is another one now. Fields that the
 * cluster added are left out, and a value that is only written in another way (`1000m` and `1`) stays as it was
 * written, so that a refresh without drift changes nothing.
 */
export function liveInputs(inputs: Fields, live: Fields): Fields {
  const result = restrict(inputs, withDecodedStrings(inputs, live)) as Fields;
  return {
    ...result,
    apiVersion: inputs["apiVersion"] ?? live["apiVersion"] ?? null,
    kind: inputs["kind"] ?? live["kind"] ?? null,
  };
}

function restrict(input: Value, live: Value): Value {
  if (isSecret(input)) return secret(restrict(plain(input), live));
  if (isFields(input) && isFields(live)) {
    const kept = Object.entries(input).flatMap(([key, value]): [string, Value][] => {
      const found = live[key];
      if (found !== undefined) return [[key, restrict(value, found)]];
      return isBlank(value) ? [[key, value]] : [];
    });
    return Object.fromEntries(kept);
  }
  if (Array.isArray(input) && Array.isArray(live)) return restrictList(input, live);
  return sameScalar(input, live) ? input : live;
}

/** Lists of named things are compared by name: a webhook may have put a sidecar before the container asked for. */
function restrictList(input: Value[], live: Value[]): Value[] {
  const names = input.map((item) => text(item, "name"));
  if (input.length === 0 || names.some((name) => name === undefined) || new Set(names).size < names.length) {
    const shared = input.slice(0, live.length).map((item, i) => restrict(item, live[i] ?? null));
    return [...shared, ...live.slice(input.length)];
  }
  return input.flatMap((item) => {
    const found = live.find((candidate) => field(candidate, "name") === field(item, "name"));
    return found === undefined ? [] : [restrict(item, found)];
  });
}

function sameScalar(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === "number" && typeof b === "string") return String(a) === b;
  return isQuantity(a) && isQuantity(b) && sameQuantity(a, b);
}

/** The server drops what is null or empty. */
function isBlank(value: Value): boolean {
  if (value === null || value === "" || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) && !isSecret(value) && Object.values(value).every(isBlank);
}

/** A Secret is written as `stringData` and read as `data`. */
function withDecodedStrings(inputs: Fields, live: Fields): Fields {
  if (text(inputs, "kind") !== "Secret" || inputs["stringData"] === undefined) return live;
  const data = isFields(live["data"]) ? live["data"] : {};
  const decoded = Object.entries(data).map(([key, value]): [string, Value] => [
    key,
    typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : value,
  ]);
  return { ...live, stringData: Object.fromEntries(decoded) };
}
