import { once } from "node:events";
import { isIPv4 } from "node:net";
import type { Cluster, KubeConfig } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import { getProxyForUrl } from "proxy-from-env";

/** The way to a cluster: a kubeconfig, in a file or as it is. */
export type ClusterAccess = ({ readonly path: string } | { readonly content: string }) & {
  /** @default the kubeconfig's own */
  readonly context?: string;
  /** Of the command that gives credentials, where there is one. @default that of this process */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
};

/** The way to a cluster as the client of its API takes it, which takes half a second to load: only who needs it does. */
export async function kubeConfig(access: ClusterAccess): Promise<KubeConfig> {
  const config = new (await import("@kubernetes/client-node")).KubeConfig();
  if ("path" in access) config.loadFromFile(access.path);
  else config.loadFromString(access.content);
  if (access.context !== undefined) config.setCurrentContext(access.context);
  config.clusters = config.clusters.map(behindProxy);
  const given = Object.entries(access.env ?? {}).map(([name, value]) => ({ name, value }));
  for (const user of config.users) {
    const exec = user.exec as { env?: object[] } | undefined;
    if (exec) exec.env = [...given, ...(exec.env ?? [])];
  }
  return config;
}

/** By the proxy that the variables name, where the kubeconfig names none: as the engine's plugin and kubectl do. */
function behindProxy(cluster: Cluster): Cluster {
  if (!URL.canParse(cluster.server)) return cluster; // it may be the one of another context
  const { hostname } = new URL(cluster.server);
  const isHere = hostname === "localhost" || hostname === "[::1]" || (isIPv4(hostname) && hostname.startsWith("127."));
  const proxyUrl = cluster.proxyUrl ?? (isHere ? "" : getProxyForUrl(cluster.server));
  return proxyUrl === "" ? cluster : { ...cluster, proxyUrl };
}

/** Asks for so long, and no longer. @throws when the time is over, which the signal tells too */
export function within<T>(seconds: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(seconds * 1000);
  const isLate = once(signal, "abort").then(() => {
    throw new Error(`no answer within ${seconds} s`);
  });
  return Promise.race([ask(signal), isLate]);
}

/** A cluster that can be asked. */
export interface Reachable {
  readonly access: pulumi.Output<ClusterAccess>;
  /** Whether a preview can ask it: not one that this stack makes, of which the first has nothing to ask. */
  readonly inPreview: boolean;
}
