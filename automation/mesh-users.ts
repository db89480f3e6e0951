import { ofStack, type Environment } from "../components/config";
import { injection } from "../components/mesh/sidecars";
import { type Cluster, ifAnswered } from "./cluster";
import { UsageError } from "./errors";
import { ftgo } from "./ftgo";

/**
 * Refuses to take a mesh away that pods of others use: they would answer on for a while, but no new one would start, and no
 * route would change any more. A cluster that does not answer is the engine's to tell.
 * @param stack that takes away its mesh, if it has one
 * @throws UsageError
 */
export async function keepMeshOfOthers(
  { namespace: own, mesh }: Pick<Environment, "namespace" | "mesh">,
  stack: string,
  cluster: Cluster,
): Promise<void> {
  const namespaces = (await ifAnswered(() => cluster.get(["namespaces"], own))) ?? [];
  const home = namespaces.find(({ metadata }) => metadata.name === mesh.namespace);
  if (home?.metadata.annotations?.[ofStack] !== stack) return;
  const labels = Object.entries(injection(mesh).labels);
  const users = namespaces.filter(
    ({ metadata: { name, labels: given } }) => name !== own && labels.every(([key, value]) => given?.[key] === value),
  );
  if (users.length === 0) return;
  const each = users.map(({ metadata: { name, annotations } }) => {
    const owner = annotations?.[ofStack];
    return owner === undefined ? name : `${name} (${ftgo("destroy", owner)})`;
  });
  const [label] = labels.map((pair) => pair.join("="));
  throw new UsageError(
    `Istio would go with stack ${stack}, and pods of other namespaces have its sidecars: ${each.join(", ")}. ` +
      `Nothing was changed. These go first, or lose the label ${label}`,
  );
}
