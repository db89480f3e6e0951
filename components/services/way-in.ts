import * as pulumi from "@pulumi/pulumi";
import { LoadBalancer } from "../aws";
import type { Platform } from "../platform";
import type { Microservice } from "./microservice";

/**
 * The address by which a service is reached from outside the cluster; undefined when it is not. For a node port with an
 * ELB of our own it makes that ELB.
 */
export function wayIn(
  name: string,
  { args, service }: Microservice,
  { eks }: Platform,
): pulumi.Output<string> | undefined {
  const { expose } = args.service;
  switch (expose.kind) {
    case "ClusterIP":
      return undefined;
    case "NodePort": {
      if (expose.elb === undefined || eks === undefined) return pulumi.output(`http://<any node>:${expose.nodePort}`);
      const front = { config: expose.elb, nodePort: expose.nodePort, network: eks.network, cluster: eks.cluster };
      return new LoadBalancer(`${name}/elb`, front, { provider: eks.aws }).url;
    }
    case "LoadBalancer": {
      const scheme = expose.certificateArn === undefined ? "http" : "https";
      const port = expose.port === (scheme === "http" ? 80 : 443) ? "" : `:${expose.port}`;
      return service.status.loadBalancer.apply((balancer) => {
        const [entry] = balancer?.ingress ?? [];
        return `${scheme}://${entry?.hostname ?? entry?.ip ?? "<no address yet>"}${port}`;
      });
    }
  }
}
