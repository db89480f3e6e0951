import { accessDefinitions } from "../kubelet/access";
import { tools } from "../tools";
import { poll } from "../wait";
import { nodes, region } from "./addresses";
import type { ApiClient } from "./api-client";

const capacity = { cpu: "8", memory: "16Gi", pods: "110", "ephemeral-storage": "100Gi" };

/** Makes what a cluster of a provider has from the start: nodes in three zones, and a default class of volumes. */
export async function makeBasics(api: ApiClient): Promise<void> {
  await Promise.all([
    ...nodes.map((node) => api.ensure("/api/v1/nodes", nodeObject(node))),
    api.ensure("/apis/storage.k8s.io/v1/storageclasses", {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "kubernetes.io/host-path",
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
    }),
    ...accessDefinitions.map((each) => api.ensure("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", each)),
  ]);
}

/** Waits until pods can be created and will be scheduled. @returns false when that took longer than `limit` milliseconds */
export async function basicsReady(api: ApiClient, limit: number): Promise<boolean> {
  const ready = await poll(async () => {
    const [list, account] = await Promise.all([
      api.get<{ items: { status: { conditions?: { type: string; status: string }[] } }[] }>("/api/v1/nodes"),
      api.get("/api/v1/namespaces/default/serviceaccounts/default").catch(() => undefined),
    ]);
    const up = list.items.filter((node) =>
      node.status.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
    );
    return account !== undefined && up.length >= nodes.length;
  }, limit);
  return ready ?? false;
}

function nodeObject({ name, zone, address }: (typeof nodes)[number]): object {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": process.arch === "x64" ? "amd64" : process.arch,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
        "node.kubernetes.io/instance-type": "kwok",
      },
    },
    status: {
      capacity,
      allocatable: capacity,
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name },
      ],
      nodeInfo: {
        architecture: process.arch === "x64" ? "amd64" : process.arch,
        operatingSystem: "linux",
        osImage: "none: containers do not run",
        containerRuntimeVersion: `kwok://${tools.kwok.version}`,
        kubeletVersion: `v${tools["kube-apiserver"].version}`,
        kubeProxyVersion: "",
        kernelVersion: "",
        bootID: "",
        machineID: "",
        systemUUID: "",
      },
    },
  };
}
