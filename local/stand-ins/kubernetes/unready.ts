import { job } from "./await/workloads";
import { parseId } from "./naming";
import { isAnnotated } from "./resource";
import type { Provider, Subject } from "./resource";
import { isFields, omit } from "./wire";
import type { Fields } from "./wire";

const annotation = "pulumi.com/replaceUnready";

/** Path of the annotation by which a Job that is not complete is made anew by the next update. */
export const unreadyPath = `metadata.annotations[${JSON.stringify(annotation)}]`;

/** Whether the object is such a Job, as the cluster has it now. */
export async function isUnready({ cluster }: Provider, { gvk, object }: Subject, id: string): Promise<boolean> {
  if (gvk.kind !== "Job" || !isAnnotated(object, "replaceUnready")) return false;
  const { namespace, name } = parseId(id);
  // What cannot be looked at is left alone.
  const live = await cluster
    .path(gvk, namespace, name)
    .then((path) => cluster.get(path))
    .catch(() => undefined);
  return live !== undefined && job(live).state !== "ready";
}

/** The object as if it had not asked for that, so that asking is a change. */
export function withoutUnready(object: Fields): Fields {
  const { metadata } = object;
  if (!isFields(metadata) || !isFields(metadata["annotations"])) return object;
  return { ...object, metadata: { ...metadata, annotations: omit(metadata["annotations"], annotation) } };
}
