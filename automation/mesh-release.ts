import { baseRelease } from "../components/config";
import type { Cluster } from "./cluster";

/** Kinds that services need of Istio's base. */
const kinds = ["virtualservices.networking.istio.io", "destinationrules.networking.istio.io"];

/**
 * Makes Helm forget that it has installed Istio's base, when by its newest record that was never finished (an update was killed
 * or stopped meanwhile), or what it has made is gone. The engine would take either for done, or be refused by Helm in every
 * update. One that looks at the real state then installs it again, over what is there.
 * @param namespace of the mesh
 * @returns whether it was so
 */
export async function forgetBrokenMesh(namespace: string, cluster: Cluster): Promise<boolean> {
  const selection = { namespace, selector: `owner=helm,name=${baseRelease}` };
  const [records, found] = await Promise.all([
    cluster.get("secrets", namespace, ["--selector", selection.selector]),
    cluster.existing("customresourcedefinitions", kinds),
  ]);
  const revision = (record: (typeof records)[number]) => Number(record.metadata.labels?.["version"]);
  const newest = records.toSorted((a, b) => revision(a) - revision(b)).at(-1);
  if (newest === undefined) return false;
  if (newest.metadata.labels?.["status"] === "deployed" && found === kinds.length) return false;
  await cluster.delete("secrets", selection);
  return true;
}
