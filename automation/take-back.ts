import { isMap } from "../components/config/maps";
import { type ChangeByHand, describeByHand, type FieldSet, isByHand, type ManagedFields, ownNotes } from "./by-hand";
import { type Cluster, ifAnswered, type KubernetesObject } from "./cluster";
import type { State } from "./engine";

/** Fields that are config's alone, with the data of ConfigMaps. Labels and notes of an object may be other tools' affair. */
const ofConfig = /^(f:)?(spec|data)\b/;

interface TakeBackArgs {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of the stack: it has the name by which Pulumi owns the fields of each object. */
  readonly state: () => Promise<State>;
  readonly tell: (text: string) => void;
}

/**
 * Gives Pulumi what another hand owns in the stack's objects. Nothing else changes by that; but the next update that looks at the
 * real state finds an annotation that is not config's, applies the object, and the API server drops what its owner does not name any
 * more: in one write all that config does not say goes, and what it says by then as well stays.
 */
export async function takeBack(changes: readonly ChangeByHand[], args: TakeBackArgs): Promise<void> {
  const { cluster, namespace, tell } = args;
  const lost = changes.filter(({ fields }) => fields.some((field) => ofConfig.test(field)));
  if (lost.length === 0) return;
  const owners = await ifAnswered(async () => ownersIn(await args.state()));
  for (const name of new Set(lost.map((change) => `${change.kind}/${change.name}`))) {
    const owner = owners?.get(`${namespace}/${name}`);
    if (owner === undefined) continue;
    const said = lost.filter((change) => `${change.kind}/${change.name}` === name).map(describeByHand);
    const isDone = await ifAnswered(
      () => handOver(name, owner, cluster, namespace),
      (why) => tell(`changed by another hand, stays: ${said.join("; ")}: ${why}`),
    );
    if (isDone) tell(`changed by another hand, is brought to the stack file: ${said.join("; ")}`);
  }
}

/** By namespace, kind and name of an object, what Pulumi calls itself as the owner of its fields. */
function ownersIn({ resources = [] }: State): ReadonlyMap<string, string> {
  return new Map(
    resources.flatMap(({ inputs: { kind, metadata } = {}, outputs = {} }) => {
      const { namespace, name } = isMap(metadata) ? metadata : {};
      const { __fieldManager: owner } = outputs;
      return typeof owner === "string" ? [[[namespace, kind, name].map(String).join("/"), owner] as const] : [];
    }),
  );
}

/** How often an object is read again that was written meanwhile, such as by a rollout. */
const attempts = 5;

async function handOver(name: string, owner: string, cluster: Cluster, namespace: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const object = await cluster.find(name, namespace);
    const handed = object && ownedBy(owner, object);
    if (handed === undefined) return false;
    try {
      await cluster.replace(handed, namespace);
      return true;
    } catch (error) {
      if (attempt === attempts || !String(error).includes("(Conflict)")) throw error;
    }
  }
}

/** The object with what people own of config's fields given to another owner, and with a note that shows it to Pulumi. */
export function ownedBy(owner: string, object: KubernetesObject): KubernetesObject | undefined {
  const { managedFields = [], annotations, ...metadata } = object.metadata;
  const all = managedFields as readonly ManagedFields[];
  const own = all.find(({ manager, operation }) => manager === owner && operation === "Apply");
  if (own === undefined) return undefined;
  const isGiven = (entry: ManagedFields) => isByHand(entry) && entry.apiVersion === own.apiVersion;
  const given = all.filter(isGiven).map(({ fieldsV1 = {} }) => select(fieldsV1, (field) => ofConfig.test(field)));
  const entries = all.map((entry) => {
    const { fieldsV1 = {} } = entry;
    if (entry === own) return { ...entry, fieldsV1: given.reduce(union, fieldsV1) };
    return isGiven(entry) ? { ...entry, fieldsV1: select(fieldsV1, (field) => !ofConfig.test(field)) } : entry;
  });
  return {
    ...object,
    metadata: {
      ...metadata,
      annotations: { ...annotations, "pulumi.com/patchForce": "by-hand" },
      managedFields: entries.filter(({ fieldsV1 }) => Object.keys(fieldsV1 ?? {}).length > 0),
    },
  };
}

function select(set: FieldSet, isWanted: (field: string) => boolean): FieldSet {
  return Object.fromEntries(Object.entries(set).filter(([field]) => isWanted(field)));
}

/** All of both sets but for the notes that tools make for themselves, such as that of a restart. */
function union(one: FieldSet, other: FieldSet): FieldSet {
  const added = Object.entries(other).filter(([field]) => !ownNotes.test(field.slice(2)));
  return { ...one, ...Object.fromEntries(added.map(([field, inner]) => [field, union(one[field] ?? {}, inner)])) };
}
