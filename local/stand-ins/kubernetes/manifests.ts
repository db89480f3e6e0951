import { parseAllDocuments } from "yaml";
import type { Cluster } from "./cluster";
import { UnknownKind } from "./discovery";
import { Unreachable } from "./http-client";
import { isFields, text } from "./wire";
import type { Fields } from "./wire";

/**
 * The objects in a YAML text. Namespaced ones without a namespace get `namespace`, if one is given; a kind that the
 * cluster does not know (yet) is taken to be namespaced.
 */
export async function decode(
  manifest: string,
  namespace: string | undefined,
  cluster: Cluster | undefined,
): Promise<Fields[]> {
  const objects: Fields[] = [];
  for (const document of parseAllDocuments(manifest, { ...asKubernetesReads, logLevel: "error" })) {
    const [problem] = document.errors;
    if (problem) throw new Error(`the manifest is not valid YAML: ${problem.message}`);
    const object: unknown = document.toJS({ maxAliasCount: -1 });
    if (!isFields(object) || !text(object, "apiVersion") || !text(object, "kind")) continue;
    objects.push(namespace ? await withNamespace(object, namespace, cluster) : object);
  }
  return objects;
}

/** YAML 1.1 (`0644` is octal, `yes` is true), but dates and sexagesimal numbers stay text. */
const asKubernetesReads: Parameters<typeof parseAllDocuments>[1] = {
  version: "1.1",
  merge: true,
  customTags: (tags) =>
    tags
      .filter((tag) => typeof tag === "string" || !("format" in tag && tag.format === "TIME"))
      .filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp"),
};

async function withNamespace(object: Fields, namespace: string, cluster: Cluster | undefined): Promise<Fields> {
  const metadata = isFields(object["metadata"]) ? object["metadata"] : {};
  if (metadata["namespace"] || !(await isNamespaced(object, cluster))) return object;
  return { ...object, metadata: { ...metadata, namespace } };
}

async function isNamespaced(object: Fields, cluster: Cluster | undefined): Promise<boolean> {
  const gvk = { apiVersion: text(object, "apiVersion") ?? "", kind: text(object, "kind") ?? "" };
  if (!cluster) return true;
  try {
    return (await cluster.resource(gvk)).namespaced;
  } catch (error) {
    if (error instanceof UnknownKind || error instanceof Unreachable) return true;
    throw error;
  }
}
