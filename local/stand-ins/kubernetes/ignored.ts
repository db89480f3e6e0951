import type { Changes } from "./diff";
import { managersOf } from "./managed-fields";
import { field, isFields, list, omit } from "./wire";
import type { Fields } from "./wire";

/**
 * The object to apply when changes of some fields are ignored. A field that only others manage is left out, so that
 * they keep it; any other one is sent as it is in the cluster. Paths into lists are left to the engine, which has put
 * the old inputs there already.
 */
export function withIgnoredChanges(object: Fields, live: Fields, ignored: string[], fieldManager: string): Fields {
  return ignored.reduce((result, path) => {
    const keys = keysOf(path);
    if (!keys) return result;
    const managers = managersOf(list(live, "metadata", "managedFields"), keys);
    const others = managers.some((manager) => manager !== fieldManager);
    if (others && !managers.includes(fieldManager)) return replaceAt(result, keys, undefined);
    const value = field(live, ...keys);
    return value === undefined ? result : replaceAt(result, keys, value);
  }, object);
}

/** The changes without those at or below a path that is ignored. `[*]` stands for any index. */
export function withoutIgnored(changes: Changes, ignored: string[]): Changes {
  const patterns = ignored.map((path) => {
    const literal = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("\\[\\*\\]", "\\[\\d+\\]");
    return new RegExp(`^${literal}(?=$|[.[])`);
  });
  const counts = (path: string) => !patterns.some((pattern) => pattern.test(path));
  const replaces = changes.replaces.filter(counts);
  return {
    paths: new Map([...changes.paths].filter(([path]) => counts(path))),
    replaces,
    deleteBeforeReplace: changes.deleteBeforeReplace && replaces.length > 0,
  };
}

/** `spec.replicas` or `metadata.labels["a/b"]` to keys; undefined for a path that has an index or a wildcard. */
export function keysOf(path: string): string[] | undefined {
  const keys: string[] = [];
  const part = /\.?([\w$-]+)|\["((?:[^"\\]|\\.)*)"\]/y;
  while (part.lastIndex < path.length) {
    const match = part.exec(path);
    if (!match) return undefined;
    keys.push(match[1] ?? (match[2] ?? "").replace(/\\(.)/g, "$1"));
  }
  return keys.length > 0 ? keys : undefined;
}

/** A copy with the field at a path set, or taken out. Creates nothing on the way to a field that is taken out. */
function replaceAt(object: Fields, [key, ...rest]: string[], value: Fields[string] | undefined): Fields {
  if (key === undefined) return object;
  if (rest.length === 0) {
    if (value !== undefined) return { ...object, [key]: value };
    return omit(object, key);
  }
  const child = object[key];
  if (!isFields(child)) return value === undefined ? object : { ...object, [key]: replaceAt({}, rest, value) };
  return { ...object, [key]: replaceAt(child, rest, value) };
}
