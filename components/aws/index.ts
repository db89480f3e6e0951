export { Cluster, type ClusterArgs } from "./cluster";
export { LoadBalancer, type LoadBalancerArgs } from "./load-balancer";
export { loadBalancerAnnotations, readOnce } from "./load-balancer-annotations";
export { Network, type NetworkArgs } from "./network";
export { awsProvider, standardTags } from "./provider";
