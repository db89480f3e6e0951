import type * as pulumi from "@pulumi/pulumi";
import { beforehand, type Clients } from "../beforehand";
import type { Reachable } from "../cluster-access";
import type { Environment } from "../config";
import { lastingNamespace } from "../namespace";
import { leftBehind, notInjected } from "./control-planes";
import { injection } from "./sidecars";

/**
 * The namespace of a stack's services, whose pods get sidecars. It is refused where no control plane would inject them, and where
 * other namespaces would lose theirs.
 */
export function makeHome(
  { namespace: name, mesh }: Pick<Environment, "namespace" | "mesh">,
  cluster: Reachable,
  opts: pulumi.CustomResourceOptions,
): ReturnType<typeof lastingNamespace> {
  const look = mesh.install
    ? { refusal: leftBehind, what: "whether other namespaces have sidecars of the control plane before" }
    : {
        refusal: (clients: Clients) => notInjected(mesh, clients),
        what: "whether a control plane gives pods sidecars",
      };
  const checks = [beforehand("namespace/control-plane", cluster, { ...look, isNeeded: false })];
  const otherwise = "Give this stack a namespace of its own";
  return lastingNamespace(
    "namespace",
    { name, key: "namespace", ...injection(mesh), cluster, otherwise, checks },
    opts,
  );
}
