import type { State } from "./engine";

/** One object of the cluster. */
export interface ObjectName {
  /** As kubectl takes it, such as `Deployment.apps`. */
  readonly kind: string;
  readonly name: string;
  /** Undefined for an object of the whole cluster. */
  readonly namespace?: string;
}

interface Inputs {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/**
 * Objects that a killed update may have made and that are nobody's by now: the state does not have them, and no later update
 * has made them under their name or another. They may as well have been there before, or be somebody else's by now.
 */
export function strandedObjects({ resources = [], pending_operations: pending = [] }: State): ObjectName[] {
  const owned = new Set(resources.map(({ type, id = "" }) => `${type} ${id}`));
  return pending.flatMap(({ type: operation, resource: { type, inputs = {} } }) => {
    const { apiVersion = "", kind, metadata: { name, namespace } = {} } = inputs as Inputs;
    if (operation !== "creating" || kind === undefined || name === undefined) return [];
    if (owned.has(`${type} ${namespace === undefined ? name : `${namespace}/${name}`}`)) return [];
    const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [];
    return [{ kind: group === undefined ? kind : `${kind}.${group}`, name, namespace }];
  });
}

/** Whether all that killed updates were making are objects of the cluster, of which it can be asked what there is. */
export function isAllOfCluster({ pending_operations: pending = [] }: State): boolean {
  return pending.every(({ resource: { type } }) => type.startsWith("kubernetes:"));
}
