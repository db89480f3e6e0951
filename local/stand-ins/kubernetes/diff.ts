import { isAutonamed, parseId } from "./naming";
import { field, isFields, omit, text, unknown } from "./wire";
import type { Fields, Value } from "./wire";

export type ChangeKind = "add" | "delete" | "update";

/** What an update would change. */
export interface Changes {
  /** By property path, written as Pulumi writes it: `spec.ports[0].name`, `metadata.labels["a.b/c"]`. */
  paths: Map<string, ChangeKind>;
  /** Those of them that replace the object. */
  replaces: string[];
  /** The old object has to go first, because the new one has the same name. */
  deleteBeforeReplace: boolean;
}

/**
 * Compares the inputs of the last update (after a refresh: what the cluster had then) with the new ones. Both are
 * plain: without marks of secrets. `replacing` holds paths of which a change replaces the object.
 */
export function changesBetween(oldInputs: Fields, newInputs: Fields, id: string, replacing: string[]): Changes {
  const paths = new Map<string, ChangeKind>();
  compareFields(withDefaultNamespace(oldInputs), withDefaultNamespace(newInputs), "", paths);
  const replaces = [...paths.keys()].filter((path) => replacing.some((prefix) => isBelow(path, prefix)));
  return { paths, replaces, deleteBeforeReplace: replaces.length > 0 && keepsName(newInputs, id) };
}

/** True if the name is one that a person chose and the replaced object holds it. */
function keepsName(inputs: Fields, id: string): boolean {
  const name = text(inputs, "metadata", "name");
  if (!name || name === unknown || isAutonamed(inputs)) return false;
  const held = parseId(id);
  const namespace = text(inputs, "metadata", "namespace");
  return held.name === name && (held.namespace === undefined || held.namespace === (namespace ?? "default"));
}

function withDefaultNamespace(inputs: Fields): Fields {
  if (field(inputs, "metadata", "namespace") !== "default") return inputs;
  return { ...inputs, metadata: omit(inputs["metadata"] as Fields, "namespace") };
}

function compareFields(before: Fields, after: Fields, path: string, changes: Map<string, ChangeKind>): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    compare(before[key] ?? null, after[key] ?? null, join(path, key), changes);
}

function compare(before: Value, after: Value, path: string, changes: Map<string, ChangeKind>): void {
  if (before === after) return;
  if (before === null || after === null) {
    if (!isEmpty(before ?? after)) changes.set(path, before === null ? "add" : "delete");
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      compare(before[i] ?? null, after[i] ?? null, `${path}[${i}]`, changes);
  } else if (isFields(before) && isFields(after)) {
    compareFields(before, after, path, changes);
  } else {
    changes.set(path, "update");
  }
}

/** An object of nothing but nulls says nothing; `{}` does (an emptyDir volume, for one). */
function isEmpty(value: Value): boolean {
  if (value === null) return true;
  if (!isFields(value)) return false;
  const items = Object.values(value);
  return items.length > 0 && items.every(isEmpty);
}

function isBelow(path: string, prefix: string): boolean {
  return (
    path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`) || prefix.startsWith(`${path}.`)
  );
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
