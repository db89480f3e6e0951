import type { Pod } from "./pod";

/*
 * KWOK answers `kubectl port-forward` (and istioctl, which uses it) for those pods for which it finds an object that says
 * where to. They are objects of the API server: the addresses are known only when the pods run.
 */

const group = "kwok.x-k8s.io";
const version = "v1alpha1";
const plural = "portforwards";

/** What makes the API server know such objects. */
export const portForwardKind = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    names: { kind: "PortForward", plural },
    scope: "Namespaced",
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

export function portForwardsUrl({ metadata }: Pod): string {
  return `/apis/${group}/${version}/namespaces/${metadata.namespace ?? "default"}/${plural}`;
}

/** Leads to the process of a pod; goes with the pod. */
export function portForward({ metadata, spec, status }: Pod): object {
  const ports = spec.containers.flatMap((container) => container.ports ?? []).map(({ containerPort }) => containerPort);
  return {
    apiVersion: `${group}/${version}`,
    kind: "PortForward",
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: metadata.name, uid: metadata.uid }],
    },
    spec: { forwards: ports.map((port) => ({ ports: [port], target: { address: status.podIP, port } })) },
  };
}
