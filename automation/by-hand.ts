import type { Cluster } from "./cluster";

/** Kinds of objects that a person may have changed. Secrets are not among them: their values would be read for it. */
const kinds = [
  "deployments.apps",
  "statefulsets.apps",
  "services",
  "configmaps",
  "serviceaccounts",
  "poddisruptionbudgets.policy",
  "horizontalpodautoscalers.autoscaling",
  "virtualservices.networking.istio.io",
  "destinationrules.networking.istio.io",
  "envoyfilters.networking.istio.io",
  "authorizationpolicies.security.istio.io",
  "peerauthentications.security.istio.io",
];

/** Of fields, who has set them last, as the API server keeps it; a subresource is what controllers and autoscalers write. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: FieldSet;
}

export interface FieldSet {
  readonly [field: string]: FieldSet;
}

/** Whether a person's tool has set these fields, and not a controller, an autoscaler or Pulumi. */
export function isByHand({ manager, subresource }: ManagedFields): boolean {
  return subresource === undefined && !machines.test(manager);
}

/** Who is no person: Pulumi, and the controllers of a cluster and its cloud. */
const machines = /^pulumi|controller|manager|operator|autoscaler|kubelet|pilot/;

/** Notes that kubectl and the Deployment controller make for themselves. */
export const ownNotes = /^(kubectl|deployment)\.kubernetes\.io\//;

/** What a tool of a person's has set in an object, beside what Pulumi owns there. */
export interface ChangeByHand {
  readonly kind: string;
  readonly name: string;
  /** Name of the service that the object is of, if it is of one. */
  readonly service?: string;
  /** Such as `spec.http`. */
  readonly fields: readonly string[];
  /** The tool, such as `kubectl-edit`. */
  readonly by: string;
  /** ISO 8601. */
  readonly time: string;
}

/**
 * What another hand has changed in the objects of a namespace. Pulumi compares the fields that config has: what somebody adds
 * to them (a field, an entry, a rule behind the others) it does not see.
 */
export async function changesByHand(namespace: string, cluster: Cluster): Promise<ChangeByHand[]> {
  const args = ["--selector", "app.kubernetes.io/part-of=ftgo", "--show-managed-fields"];
  const objects = await cluster.get(kinds, namespace, args);
  return objects.flatMap(({ kind, metadata: { name, labels, managedFields = [] } }) => {
    const service = labels?.["app"];
    const all = managedFields as readonly ManagedFields[];
    const ours = all
      .filter(({ manager }) => manager.startsWith("pulumi"))
      .flatMap(({ fieldsV1 = {} }) => fieldsOf(fieldsV1));
    return all.filter(isByHand).flatMap(({ manager: by, time = "", fieldsV1 = {} }) => {
      const fields = fieldsOf(fieldsV1).filter((field) => !ours.includes(field));
      return fields.length === 0 ? [] : [{ kind, name, ...(service !== undefined && { service }), fields, by, time }];
    });
  });
}

/** One line for a person. */
export function describeByHand({ kind, name, fields, by, time }: ChangeByHand): string {
  return `${kind} ${name}: ${fields.join(", ")} (${by}, ${time})`;
}

/** Paths of the fields of a set: `f:` is before a field's name, `k:` before the keys of a list's entry, `.` is the thing itself. */
function fieldsOf(set: FieldSet, path = ""): string[] {
  const inner = Object.entries(set).filter(([field]) => /^[fk]:/.test(field));
  if (inner.length === 0) return path === "" ? [] : [path];
  return inner.flatMap(([field, fields]) => {
    const name = field.slice(2);
    if (ownNotes.test(name)) return [];
    if (field.startsWith("f:")) return fieldsOf(fields, path === "" ? name : `${path}.${name}`);
    return fieldsOf(fields, `${path}[${Object.values(JSON.parse(name) as object).join()}]`);
  });
}
