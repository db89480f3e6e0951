import { once } from "node:events";
import http from "node:http";
import { Duplex, PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";

/** The way to the cluster whose mesh is meant. */
export interface MeshAccess {
  /** A kubeconfig: its path, or its content. */
  readonly kubeconfig: string;
  /** @default the kubeconfig's own */
  readonly context?: string;
  /** Namespace of istiod. */
  readonly namespace: string;
}

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
    for (;;) {
      const behind = (await this.routes()).filter((routes) => !hasHeard(routes, before)).map(({ proxy }) => proxy);
      if (behind.length === 0 || performance.now() > deadline) return behind;
      await pause(pollMilliseconds);
    }
  }

  /** Asked of istiod itself, through the API server: its debug interface is open to who may forward ports to its pods alone. */
  private async routes(): Promise<ProxyRoutes[]> {
    // Only now: it takes half a second to load, and few updates need it.
    const { CoreV1Api, PortForward } = await import("@kubernetes/client-node");
    const config = await toKubeConfig(this.access);
    const { namespace } = this.access;
    const pods = await config
      .makeApiClient(CoreV1Api)
      .listNamespacedPod({ namespace, labelSelector: "app=istiod", fieldSelector: "status.phase=Running" });
    const names = pods.items.flatMap(({ metadata }) => metadata?.name ?? []);
    const answers = await Promise.all(names.map((name) => ask(new PortForward(config, true), namespace, name)));
    return answers.flat().filter(({ route_sent }) => route_sent !== undefined);
  }
}

function hasHeard({ proxy, route_sent, route_acked }: ProxyRoutes, before: Sent): boolean {
  return route_sent !== before.get(proxy) && route_sent === route_acked;
}

async function toKubeConfig({ kubeconfig, context }: MeshAccess): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (kubeconfig.includes("\n")) config.loadFromString(kubeconfig);
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

interface Forward {
  portForward(
    ns: string,
    pod: string,
    ports: number[],
    out: PassThrough,
    err: null,
    input: PassThrough,
  ): Promise<unknown>;
}

async function ask(forward: Forward, namespace: string, pod: string): Promise<ProxyRoutes[]> {
  const [toPod, fromPod] = [new PassThrough(), new PassThrough()];
  await forward.portForward(namespace, pod, [debugPort], fromPod, null, toPod);
  const connection = Duplex.from({ readable: fromPod, writable: toPod });
  const request = http.get("http://localhost/debug/syncz", { createConnection: () => connection });
  try {
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    let text = "";
    for await (const part of response.setEncoding("utf8") as AsyncIterable<string>) text += part;
    if (response.statusCode !== 200) throw new Error(`istiod ${pod} answers ${response.statusCode}: ${text}`);
    return JSON.parse(text) as ProxyRoutes[];
  } finally {
    connection.destroy();
  }
}
