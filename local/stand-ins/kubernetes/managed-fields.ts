import { isFields, text } from "./wire";
import type { Fields, Value } from "./wire";

/**
 * The entries of `metadata.managedFields` with those that `absorb` accepts merged into the one of `fieldManager`;
 * undefined if there is nothing to merge.
 */
export function withMergedManagers(
  entries: Value[],
  fieldManager: string,
  absorb: (entry: Value) => boolean,
): Value[] | undefined {
  const isOwn = (entry: Value) => text(entry, "manager") === fieldManager && text(entry, "operation") === "Apply";
  const absorbed = entries.filter((entry) => !isOwn(entry) && absorb(entry));
  const [first] = absorbed;
  if (!isFields(first)) return undefined;
  const own = entries.find(isOwn);
  const base: Fields = isFields(own) ? own : { ...first, manager: fieldManager, operation: "Apply", fieldsV1: {} };
  const merged = absorbed.reduce<Value>(
    (fields, entry) => union(fields, isFields(entry) ? (entry["fieldsV1"] ?? {}) : {}),
    base["fieldsV1"] ?? {},
  );
  const others = entries.filter((entry) => !isOwn(entry) && !absorbed.includes(entry));
  return [...others, { ...base, fieldsV1: merged }];
}

/** Field sets are nested objects whose leaves are empty. */
function union(a: Value, b: Value): Value {
  if (!isFields(a) || !isFields(b)) return a;
  const result: Fields = { ...a };
  for (const [key, value] of Object.entries(b)) result[key] = key in a ? union(a[key] ?? {}, value) : value;
  return result;
}

/** Managers of the field at a path of keys (`spec`, `replicas`), or of anything below it. */
export function managersOf(entries: Value[], path: string[]): string[] {
  return entries.flatMap((entry) => {
    let fields: Value | undefined = isFields(entry) ? entry["fieldsV1"] : undefined;
    for (const key of path) fields = isFields(fields) ? fields[`f:${key}`] : undefined;
    return fields === undefined ? [] : [text(entry, "manager") ?? ""];
  });
}
