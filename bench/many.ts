import type { Platform } from "../test/engine/platform-lab";
import { writeObjects } from "./objects";

/** What each of many pods asks for. */
export const least = { requests: { cpu: "1m", memory: "1Mi" } };

/** The one of many that is promoted and rolled back. */
export const released = {
  versions: { v1: { image: "shop/app:1" }, v2: { image: "shop/app:2" } },
  stable: "v1",
  canary: { version: "v2", weight: 1 },
  resources: least,
};

/** A node that has room for all of them. */
export async function addNode(lab: Platform): Promise<void> {
  const [node] = await lab.list("nodes");
  const capacity = { cpu: "1000", memory: "1000Gi", pods: "5000" };
  const name = "node-of-bench";
  const { labels } = node?.metadata ?? {};
  const metadata = {
    name,
    labels: { ...labels, "kubernetes.io/hostname": name },
    annotations: { "kwok.x-k8s.io/node": "fake" },
  };
  const object = { apiVersion: "v1", kind: "Node", metadata, status: { capacity, allocatable: capacity } };
  await lab.kubectl("apply", "--server-side", "--filename", writeObjects(lab, "node", [object]));
}
