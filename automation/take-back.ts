import { isMap } from "../components/config/maps";
import { type ChangeByHand, describeByHand, type FieldSet, isByHand, type ManagedFields, ownNotes } from "./by-hand";
import { type Cluster, ifAnswered, type KubernetesObject } from "./cluster";
import type { State } from "./engine";

/** Fields that are config's alone, with the data of ConfigMaps. Labels and notes of an object may be other tools' affair. */
const ofConfig = /^(f:)?(spec|data)\b/;

/** Whether `up` takes something of it back. */
export function isTakenBack({ fields }: ChangeByHand): boolean {
  return fields.some((field) => ofConfig.test(field));
}

interface TakeBackArgs {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Of the stack: it has the name by which Pulumi owns the fields of each object. */
  readonly state: () => Promise<State>;
  readonly tell: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Gives Pulumi what another hand owns in the stack's objects. Nothing else changes by that; but the next update that looks at the
 * real state finds an annotation that is not config's, applies the object, and the API server drops what its owner does not name any
 * more: in one write all that config does not say goes, and what it says by then as well stays.
 */
export async function takeBack(changes: readonly ChangeByHand[], args: TakeBackArgs): Promise<void> {
  const { namespace, tell, signal } = args;
  const lost = changes.filter(isTakenBack);
  if (lost.length === 0) return;
  const owners = await ifAnswered(
    async () => ownersIn(await args.state()),
    (why) => tell(`what another hand has changed stays: ${why}`),
  );
  if (owners === undefined) return;
  const byObject = new Map<string, string[]>();
  for (const change of lost) {
    const name = `${change.kind}/${change.name}`;
    byObject.set(name, [...(byObject.get(name) ?? []), describeByHand(change)]);
  }
  for (const [name, said] of byObject) {
    if (signal?.aborted) return;
    const owner = owners.get(`${namespace}/${name}`);
    const isGiven = await ifAnswered(
      async () => owner !== undefined && (await handOver(name, owner, args)),
      (why) => tell(`${name}: ${why}`),
    );
    tell(`changed by another hand, ${isGiven ? "is brought to the stack file" : "stays"}: ${said.join("; ")}`);
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

/** @returns false when there is nothing that could be given, such as of another version of the API */
async function handOver(name: string, owner: string, { cluster, namespace }: TakeBackArgs): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const object = await cluster.find(name, namespace);
    const metadata = object && ownedBy(owner, object);
    if (metadata === undefined) return false;
    try {
      await cluster.patchMetadata(name, namespace, metadata);
      return true;
    } catch (error) {
      if (attempt === attempts || !String(error).includes("(Conflict)")) throw error;
    }
  }
}

/**
 * What gives another owner all that people own of an object's config, and updates of Pulumi's that were killed before they could
 * write down by which name they had made it; with a note that shows the object to Pulumi.
 */
export function ownedBy(owner: string, object: KubernetesObject): object | undefined {
  const { apiVersion, metadata } = object;
  const all = (metadata.managedFields ?? []) as readonly ManagedFields[];
  const isOwn = ({ manager, operation }: ManagedFields) => manager === owner && operation === "Apply";
  // Who has made the object anew has left no trace of Pulumi in it.
  const none = { manager: owner, operation: "Apply", apiVersion, fieldsType: "FieldsV1", fieldsV1: {} };
  const own = all.find(isOwn) ?? none;
  const isGiven = (entry: ManagedFields) =>
    entry.apiVersion === own.apiVersion && !isOwn(entry) && (isByHand(entry) || isLost(entry));
  const given = all.filter(isGiven).map(({ fieldsV1 = {} }) => select(fieldsV1, (field) => ofConfig.test(field)));
  if (given.every((set) => Object.keys(set).length === 0)) return undefined;
  const others = all
    .filter((entry) => !isOwn(entry))
    .map((entry) => {
      const { fieldsV1 = {} } = entry;
      return isGiven(entry) ? { ...entry, fieldsV1: select(fieldsV1, (field) => !ofConfig.test(field)) } : entry;
    });
  const joined = { ...own, fieldsV1: given.map(withoutNotes).reduce(union, own.fieldsV1 ?? {}) };
  return {
    resourceVersion: metadata.resourceVersion,
    annotations: { "pulumi.com/patchForce": "by-hand" },
    managedFields: [joined, ...others.filter(({ fieldsV1 }) => Object.keys(fieldsV1 ?? {}).length > 0)],
  };
}

/** Whether the engine that had this name was killed before it could write it down. */
function isLost({ manager, operation }: ManagedFields): boolean {
  return operation === "Apply" && manager.startsWith("pulumi-kubernetes-");
}

function select(set: FieldSet, isWanted: (field: string) => boolean): FieldSet {
  return Object.fromEntries(Object.entries(set).filter(([field]) => isWanted(field)));
}

/** Without the notes that tools make for themselves, such as that of a restart, and what holds nothing else. */
function withoutNotes(set: FieldSet): FieldSet {
  const entries = Object.entries(set)
    .filter(([field]) => !ownNotes.test(field.slice(2)))
    .map(([field, inner]) => [field, withoutNotes(inner), inner] as const)
    .filter(([, kept, inner]) => Object.keys(kept).length > 0 || Object.keys(inner).length === 0);
  return Object.fromEntries(entries.map(([field, kept]) => [field, kept]));
}

function union(one: FieldSet, other: FieldSet): FieldSet {
  const added = Object.entries(other).map(([field, inner]) => [field, union(one[field] ?? {}, inner)]);
  return { ...one, ...Object.fromEntries(added) } as FieldSet;
}
