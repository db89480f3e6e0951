/*
 * The addresses of the cluster. All of them exist in its own network namespace alone, so they can be fixed
 * and never meet those of the host.
 */

/** The bridge of the pods, and the address under which the API server is told to everybody. */
export const bridge = { name: "br0", address: "10.244.0.1", prefix: 16 };
/** Pods get theirs from here on; the .0 before it would be the network address of a bridge. */
export const podRange = "10.244.128.1/17";
export const serviceRange = "10.96.0.0/16";
/** `kubernetes.default.svc`. */
export const firstServiceAddress = "10.96.0.1";
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
