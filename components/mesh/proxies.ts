import { once } from "node:events";
import http from "node:http";
import { Duplex, PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type * as Client from "@kubernetes/client-node";
import { type ClusterAccess, kubeConfig, within } from "../cluster-access";

/** The way to the cluster whose mesh is meant, and the namespace of istiod. */
export type MeshAccess = ClusterAccess & { readonly namespace: string };

/** What istiod says of one proxy's routes: the last that it sent, and the last that the proxy has taken over. */
interface ProxyRoutes {
  readonly proxy: string;
  readonly route_sent?: string;
  readonly route_acked?: string;
}

/** The last routes that each proxy was sent, by the proxy's name. */
export type Sent = ReadonlyMap<string, string | undefined>;

const debugPort = 15014;
const pollMilliseconds = 100;
/** The longest that the istiods may take to answer. */
const answerSeconds = 3;
/**
 * The shortest time after a change. Istiod waits 100 ms for more of them before it sends all (PILOT_DEBOUNCE_AFTER): what the
 * proxies are seen to take over meanwhile may be the change before.
 */
const settleMilliseconds = 1000;

/** The proxies of a mesh, as the istiods know them. */
export class Proxies {
  constructor(private readonly access: MeshAccess) {}

  /** What the proxies have been sent until now. */
  async sent(): Promise<Sent> {
    return new Map((await this.routes()).map(({ proxy, route_sent }) => [proxy, route_sent]));
  }

  /**
   * Waits until every proxy has been sent its routes anew, and has taken them over.
   * @param before what had been sent before the change
   * @param limit milliseconds
   * @returns the proxies that have not when the time is over: those whose routes the change does not touch are among them
   */
  async heard(before: Sent, limit: number): Promise<string[]> {
    const deadline = performance.now() + limit;
    await pause(settleMilliseconds);
    for (;;) {
      const behind = (await this.routes()).filter((routes) => !hasHeard(routes, before)).map(({ proxy }) => proxy);
      if (behind.length === 0 || performance.now() > deadline) return behind;
      await pause(pollMilliseconds);
    }
  }

  /**
   * Asked of each istiod itself, through the API server: its debug interface is open to who may forward ports to its pods alone.
   * @throws when there is none, or one is not ready or does not answer: nobody knows of its proxies then
   */
  private async routes(): Promise<ProxyRoutes[]> {
    // Only now, since few updates need it, and before the time counts: it takes half a second to load, and more on a busy machine.
    const client = await import("@kubernetes/client-node");
    const config = await kubeConfig(this.access);
    return within(answerSeconds, (signal) => this.ask(client, config, signal));
  }

  private async ask(
    { CoreV1Api, PortForward }: typeof Client,
    config: Client.KubeConfig,
    signal: AbortSignal,
  ): Promise<ProxyRoutes[]> {
    const { namespace } = this.access;
    const { items: pods } = await config
      .makeApiClient(CoreV1Api)
      .listNamespacedPod({ namespace, labelSelector: "app=istiod", fieldSelector: "status.phase=Running" });
    if (pods.length === 0) throw new Error(`none runs in namespace ${namespace}`);
    const forward = new PortForward(config, true);
    const answers = await Promise.all(
      pods.map(async (pod) => {
        const name = pod.metadata?.name ?? "";
        if (!isReady(pod)) throw new Error(`${name} is not ready`);
        return routesOf(forward, namespace, name, signal);
      }),
    );
    return answers.flat().filter(({ route_sent }) => route_sent !== undefined);
  }
}

function hasHeard({ proxy, route_sent, route_acked }: ProxyRoutes, before: Sent): boolean {
  return route_sent !== before.get(proxy) && route_sent === route_acked;
}

function isReady({ metadata, status }: Client.V1Pod): boolean {
  const isGoing = metadata?.deletionTimestamp !== undefined;
  return !isGoing && (status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
}

interface Forward {
  portForward(
    ns: string,
    pod: string,
    ports: number[],
    out: PassThrough,
    err: null,
    input: PassThrough,
  ): Promise<{ close: () => void } | (() => unknown)>;
}

async function routesOf(forward: Forward, namespace: string, pod: string, signal: AbortSignal): Promise<ProxyRoutes[]> {
  const [toPod, fromPod] = [new PassThrough(), new PassThrough()];
  const socket = await forward.portForward(namespace, pod, [debugPort], fromPod, null, toPod);
  const connection = Duplex.from({ readable: fromPod, writable: toPod });
  const request = http.get("http://localhost/debug/syncz", { createConnection: () => connection, signal });
  try {
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    let text = "";
    for await (const part of response.setEncoding("utf8") as AsyncIterable<string>) text += part;
    if (response.statusCode !== 200) throw new Error(`${pod} answers ${response.statusCode}: ${text}`);
    return JSON.parse(text) as ProxyRoutes[];
  } finally {
    connection.destroy();
    if ("close" in socket) socket.close();
  }
}
