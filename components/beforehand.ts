import type { KubeConfig, Middleware } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { type ClusterAccess, kubeConfig, type Reachable, within } from "./cluster-access";
import { hook } from "./hook";

/** Makes clients of a cluster's API. */
export type Clients = KubeConfig["makeApiClient"];

interface Look {
  /** Why it must not be; undefined when it may. */
  readonly refusal: (clients: Clients, args: pulumi.ResourceHookArgs) => Promise<string | undefined>;
  /** What is not known when the cluster does not say, such as one that does not answer in time, or to who may not ask. */
  readonly what: string;
  /** Whether it must not be then; else it is warned of. */
  readonly isNeeded: boolean;
}

/** The longest that a look may take, with the commands that credentials may come from. */
const seconds = 10;

/**
 * Looks at a cluster before a resource is made or changed. That it cannot be asked says nothing of whether the plugin, which has
 * other ways through proxies and to certificates, would get there.
 */
export function beforehand(name: string, cluster: Reachable, { refusal, what, isNeeded }: Look): pulumi.ResourceHook {
  const access = () => new Promise<ClusterAccess>((resolve) => void cluster.access.apply(resolve));
  const look = (args: pulumi.ResourceHookArgs) =>
    within(seconds, async (signal) => refusal(await endingClients(await kubeConfig(await access()), signal), args));
  const check = async (args: pulumi.ResourceHookArgs) => {
    const reason = await look(args).catch((error: unknown) => {
      const { code, message } = error as { readonly code?: string | number; readonly message?: string };
      // Where a name stands for several addresses, the error of all has no message.
      const why = typeof code === "number" ? `the API server answers ${code}` : message === "" ? code : message;
      const unknown = `${what} is not known: ${why}`;
      if (isNeeded) return unknown;
      void pulumi.log.warn(unknown);
      return undefined;
    });
    if (reason !== undefined) throw new Error(reason);
  };
  return hook(name, check, { onDryRun: cluster.inPreview });
}

/** Clients whose requests end with the signal: by themselves they would go on for ever. */
async function endingClients(config: KubeConfig, signal: AbortSignal): Promise<Clients> {
  const { createConfiguration, ServerConfiguration } = await import("@kubernetes/client-node");
  const limit: Middleware = {
    pre: (request) => {
      request.setSignal(signal);
      return Promise.resolve(request);
    },
    post: (response) => Promise.resolve(response),
  };
  const baseServer = new ServerConfiguration(config.getCurrentCluster()?.server ?? "", {});
  const configuration = createConfiguration({
    baseServer,
    authMethods: { default: config },
    promiseMiddleware: [limit],
  });
  return (Client) => new Client(configuration);
}
