import { nodes } from "./addresses";
import type { ApiClient, ApiObject } from "./api-client";
import type { Target } from "./forwarder";

interface Service extends ApiObject {
  metadata: ApiObject["metadata"] & { creationTimestamp: string };
  spec: { type?: string; ports?: { nodePort?: number }[] };
}

/**
 * Plays a load balancer of the cloud in front of the nodes: it sends each connection to the next node's port of the Service that
 * has been open to the outside for longest. A Service of type NodePort is reached in the same way.
 */
export class WayIn {
  #nodePort: number | undefined;
  #next = 0;

  /** Follows the Services until the signal comes. */
  run(api: ApiClient, signal: AbortSignal): Promise<void> {
    return api.follow<Service>("/api/v1/services", signal, (services) => {
      this.#nodePort = nodePortOf(services);
      return Promise.resolve();
    });
  }

  /** Where the next connection goes; undefined while no Service is open to the outside. */
  readonly next = (): Target | undefined => {
    const node = nodes[this.#next++ % nodes.length];
    return this.#nodePort === undefined || node === undefined
      ? undefined
      : { host: node.address, port: this.#nodePort };
  };
}

/** The node port of the oldest Service that has one. */
export function nodePortOf(services: readonly Service[]): number | undefined {
  const open = services
    .filter(({ metadata, spec }) => !metadata.deletionTimestamp && spec.ports?.some(({ nodePort }) => nodePort))
    .sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
  return open[0]?.spec.ports?.find(({ nodePort }) => nodePort)?.nodePort;
}
