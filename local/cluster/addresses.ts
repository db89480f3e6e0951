/*
 * The addresses of the cluster. All of them exist in its own network namespace alone, so they can be fixed
 * and never meet those of the host.
 */

/** Of the cluster's own network namespace: every pod's way out, the DNS server, and where everybody is told the API server is. */
export const gateway = "10.244.0.1";
export const clusterRange = "10.244.0.0/16";
/** Where KWOK takes the addresses of pods from. */
export const kwokRange = "10.244.128.1/17";
/** The addresses of pods that have processes: `10.244.1.1` and so on. */
export const podAddress = (index: number) => `10.244.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
export const podAddresses = 126 * 250;
/** Whether it is one of those: KWOK may have run the pod before. */
export const isPodAddress = (address: string) => Number(address.split(".")[2]) < 128;
export const serviceRange = "10.96.0.0/16";
/** `kubernetes.default.svc`. */
export const firstServiceAddress = "10.96.0.1";
/** By what every container knows the API server. */
export const apiServerService = { KUBERNETES_SERVICE_HOST: firstServiceAddress, KUBERNETES_SERVICE_PORT: "443" };
/** What Services of type LoadBalancer get: the last number is chosen for each. */
export const loadBalancerPrefix = "10.97.0.";

export const apiServer = { host: "127.0.0.1", port: 6443 };
export const etcdClient = "http://127.0.0.1:2379";
export const etcdPeer = "http://127.0.0.1:2380";

/** Three nodes in three zones; `address` is what Kubernetes shows as the node's. */
export const nodes = ["a", "b", "c"].map((letter, index) => ({
  name: `node-${letter}`,
  zone: `local-${letter}`,
  address: `10.244.0.${11 + index}`,
}));
export const region = "local";
/** Where KWOK answers for the kubelet of every node. */
export const kubeletPort = 10250;
