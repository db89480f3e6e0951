import { once } from "node:events";
import type { KubeConfig } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";

/** The way to a cluster: a kubeconfig, in a file or as it is, and the context to use. @default context - the kubeconfig's own */
export type ClusterAccess = ({ readonly path: string } | { readonly content: string }) & { readonly context?: string };

/** The way to a cluster as the client of its API takes it, which takes half a second to load: only who needs it does. */
export async function kubeConfig(access: ClusterAccess): Promise<KubeConfig> {
  const config = new (await import("@kubernetes/client-node")).KubeConfig();
  if ("path" in access) config.loadFromFile(access.path);
  else config.loadFromString(access.content);
  if (access.context !== undefined) config.setCurrentContext(access.context);
  return config;
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
