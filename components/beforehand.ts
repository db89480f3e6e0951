import type { KubeConfig, Middleware } from "@kubernetes/client-node";
import type * as pulumi from "@pulumi/pulumi";
import { type ClusterAccess, kubeConfig, type Reachable } from "./cluster-access";
import { hook } from "./hook";

/** Makes clients of a cluster's API. */
export type Clients = KubeConfig["makeApiClient"];

/** The longest that a cluster may take to answer. */
const answerMilliseconds = 5000;

/**
 * Looks at a cluster before a resource is made or changed.
 * @param refusal why it must not be, undefined when it may. Where it fails the resource is tried: the plugin tells better what is
 * wrong with the way to a cluster, and who may not look may still make it
 */
export function beforehand(
  name: string,
  cluster: Reachable,
  refusal: (clients: Clients, args: pulumi.ResourceHookArgs) => Promise<string | undefined>,
): pulumi.ResourceHook {
  const access = () => new Promise<ClusterAccess>((resolve) => void cluster.access.apply(resolve));
  const look = async (args: pulumi.ResourceHookArgs) =>
    refusal(await impatientClients(await kubeConfig(await access())), args);
  const check = async (args: pulumi.ResourceHookArgs) => {
    const reason = await look(args).catch(() => undefined);
    if (reason !== undefined) throw new Error(reason);
  };
  return hook(name, check, { onDryRun: cluster.inPreview });
}

/** Clients whose requests end when the time for an answer is over: by themselves they would wait for ever. */
async function impatientClients(config: KubeConfig): Promise<Clients> {
  const { createConfiguration, ServerConfiguration } = await import("@kubernetes/client-node");
  const signal = AbortSignal.timeout(answerMilliseconds);
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
