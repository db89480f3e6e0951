import { isMap } from "../components/config/maps";
import { type ChangeByHand, describeByHand, type FieldSet, isByHand, type ManagedFields, ownNotes } from "./by-hand";
import { type Cluster, ifAnswered, type KubernetesObject } from "./cluster";
import type { State } from "./engine";

/** Fields that are config's alone, with the data of ConfigMaps. Labels and notes of an object may be other tools' affair. */
const ofConfig = /^(spec|data)\b/;

interface TakeBackArgs {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of the stack after its update: it has what config says of each object now. */
  readonly state: () => Promise<State>;
  readonly tell: (text: string) => void;
}

/**
 * Takes what another hand has added beside what config says out of the stack's objects: Pulumi does not see it, as it compares
 * what config has. The next update that looks at the real state finds an annotation that is not config's, and waits for pods that
 * roll.
 * @param changes that an update has left: by then what config says as well is config's
 * @returns whether there was anything
 */
export async function takeBack(changes: readonly ChangeByHand[], args: TakeBackArgs): Promise<boolean> {
  const { cluster, namespace, state, tell } = args;
  const lost = changes.filter(({ fields }) => fields.some((field) => ofConfig.test(field)));
  if (lost.length === 0) return false;
  const { resources = [] } = await state();
  const wanted = new Map(resources.map(({ inputs = {} }) => [nameOf(inputs), inputs]));
  let isBack = false;
  for (const change of lost) {
    const name = `${change.kind}/${change.name}`;
    const inputs = wanted.get(`${namespace}/${name}`);
    if (inputs === undefined) continue;
    const takeOut = async () => {
      const object = await cluster.find(name, namespace);
      if (object) await cluster.replace(asWanted(object, inputs), namespace);
      tell(`added by another hand, is taken back: ${describeByHand(change)}`);
      isBack = true;
    };
    await ifAnswered(takeOut, (why) => tell(`added by another hand, stays: ${describeByHand(change)}: ${why}`));
  }
  return isBack;
}

/** Namespace, kind and name of what a resource in the state is to be. */
function nameOf({ kind, metadata }: Readonly<Record<string, unknown>>): string {
  const { namespace, name } = isMap(metadata) ? metadata : {};
  return [namespace, kind, name].map(String).join("/");
}

/** The object without what only another hand has put there, and with a note that shows it to Pulumi. */
export function asWanted(object: KubernetesObject, wanted: Readonly<Record<string, unknown>>): KubernetesObject {
  const copy = structuredClone(object);
  const { managedFields = [], ...metadata } = copy.metadata;
  for (const { fieldsV1 = {} } of (managedFields as readonly ManagedFields[]).filter(isByHand)) {
    const parts = Object.entries(fieldsV1).filter(([field]) => field === "f:spec" || field === "f:data");
    prune(copy, wanted, Object.fromEntries(parts));
  }
  return {
    ...copy,
    metadata: { ...metadata, annotations: { ...metadata.annotations, "pulumi.com/patchForce": "by-hand" } },
  };
}

/** Takes those fields of a set out of a value that are not wanted. `f:` is before a field's name, `k:` before the keys of a list's entry. */
function prune(value: unknown, wanted: unknown, set: FieldSet): void {
  for (const [field, inner] of Object.entries(set)) {
    const name = field.slice(2);
    if (field.startsWith("f:") && isMap(value) && !ownNotes.test(name)) {
      const same = isMap(wanted) ? wanted[name] : undefined;
      prune(value[name], same, inner);
      if (same === undefined && (isLeaf(inner) || isEmpty(value[name]))) delete value[name];
    }
    if (field.startsWith("k:") && Array.isArray(value)) {
      const keys = JSON.parse(name) as Record<string, unknown>;
      const index = value.findIndex((item) => has(item, keys, false));
      const same = Array.isArray(wanted) ? (wanted as unknown[]).find((item) => has(item, keys, true)) : undefined;
      // Who has made an entry has the entry itself, `.`, beside its fields.
      if (same === undefined && "." in inner && index >= 0) value.splice(index, 1);
      else prune(value[index], same, inner);
    }
  }
}

function isLeaf(set: FieldSet): boolean {
  return !Object.keys(set).some((field) => /^[fk]:/.test(field));
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Whether an entry of a list has these keys. @param orNone one that it does not say has its default, such as a port's protocol */
function has(item: unknown, keys: Readonly<Record<string, unknown>>, orNone: boolean): boolean {
  return Object.entries(keys).every(([key, value]) => {
    const own = isMap(item) ? item[key] : undefined;
    return own === value || (orNone && own === undefined);
  });
}
