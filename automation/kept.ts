import { ofStack } from "../components/config";
import { isInjected } from "../components/mesh/sidecars";
import type { Cluster } from "./cluster";
import type { State } from "./engine";
import { MissingError, UsageError } from "./errors";
import { ftgo } from "./ftgo";

/**
 * Refuses to delete a stack with what must not be: the engine would notice when it comes to that, which everything in the cluster goes
 * before.
 * @throws UsageError
 */
export function keepProtected({ resources = [] }: State, stack: string): void {
  const names = resources.filter(({ protect }) => protect).map(({ urn }) => urn.split("::").at(-1));
  if (names.length === 0) return;
  throw new UsageError(
    `stack ${stack} is protected from being deleted (${names.join(", ")}). Nothing was changed. Set ` +
      `ftgo:cluster.deletionProtection to false in stacks/Pulumi.${stack}.yaml and run ${ftgo("up", stack)} first`,
  );
}

interface KeepMeshArgs {
  readonly stack: string;
  readonly cluster: Cluster;
  /** Told when nobody knows. */
  readonly tell: (text: string) => void;
}

/**
 * Refuses to take away a mesh that pods of others use: they would answer on for a while, but no new one would start, and no
 * route would change any more.
 * @param state that the stack has now, whatever its file says by now
 * @throws UsageError
 */
export async function keepMesh({ resources = [] }: State, { stack, cluster, tell }: KeepMeshArgs): Promise<void> {
  const homes = resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace");
  if (!homes.some(({ urn }) => urn.includes("ftgo:mesh:Mesh$"))) return;
  const own = homes.map(({ id }) => id);
  const namespaces = await cluster.get(["namespaces"], "default").catch((error: unknown) => {
    if (!(error instanceof MissingError)) throw error;
    tell(`whether other namespaces have sidecars of this mesh is not known: ${error.message}`);
    return [];
  });
  const users = namespaces.filter(({ metadata: { name, labels = {} } }) => !own.includes(name) && isInjected(labels));
  if (users.length === 0) return;
  const each = users.map(({ metadata: { name, annotations } }) => {
    const owner = annotations?.[ofStack];
    return owner === undefined ? name : `${name} (${ftgo("destroy", owner)})`;
  });
  throw new UsageError(
    `Istio would go with stack ${stack}, and pods of other namespaces have its sidecars: ${each.join(", ")}. ` +
      "Nothing was changed. They go first, or lose their label for injection",
  );
}
