import { loadBalancerPrefix } from "./addresses";
import type { ApiClient, ApiObject } from "./api-client";

interface Service extends ApiObject {
  spec: { type?: string; loadBalancerClass?: string };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

/** One change of a Service's status. */
export interface AddressChange {
  namespace: string;
  name: string;
  /** The address to give; undefined to take it away. */
  address: string | undefined;
}

/** Stands in for a cloud's load balancer controller: Services of type LoadBalancer get an address, and keep it. */
export function runLoadBalancers(api: ApiClient, signal: AbortSignal): Promise<void> {
  return api.follow<Service>("/api/v1/services", signal, async (services) => {
    for (const { namespace, name, address } of addressChanges(services)) {
      const ingress = address === undefined ? null : [{ ip: address, ipMode: "VIP" }];
      await api.patch(`/api/v1/namespaces/${namespace}/services/${name}/status`, {
        status: { loadBalancer: { ingress } },
      });
      console.log(`load balancer (stand-in): ${namespace}/${name} ${address ?? "has no address any more"}`);
    }
  });
}

/** What is to be changed so that every load balancer has an address of its own and nothing else has one. */
export function addressChanges(services: Service[]): AddressChange[] {
  const addressesOf = (service: Service) => service.status?.loadBalancer?.ingress ?? [];
  const wanted = services.filter((s) => s.spec.type === "LoadBalancer" && s.spec.loadBalancerClass === undefined);
  const taken = new Set(wanted.flatMap(addressesOf).map((ingress) => ingress.ip));
  const change = (service: Service, address: string | undefined): AddressChange => ({
    namespace: service.metadata.namespace ?? "default",
    name: service.metadata.name,
    address,
  });
  const given = wanted
    .filter((service) => addressesOf(service).length === 0)
    .map((service) => {
      const address = firstFree(taken);
      taken.add(address);
      return change(service, address);
    });
  const back = services
    .filter((service) => service.spec.type !== "LoadBalancer" && addressesOf(service).length > 0)
    .map((service) => change(service, undefined));
  return [...given, ...back];
}

function firstFree(taken: Set<string | undefined>): string {
  for (let last = 1; last < 255; last++) {
    const address = `${loadBalancerPrefix}${last}`;
    if (!taken.has(address)) return address;
  }
  throw new Error("all 254 load balancer addresses are taken");
}
