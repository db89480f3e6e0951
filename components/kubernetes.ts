import { createHmac } from "node:crypto";
import type { KubeConfig, Middleware } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { hook } from "./hook";

/** Changes a child's arguments after all defaults have been applied: the way out for what has no key of its own. */
export type Transform<Args> = (args: Args) => Args;

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

/** A cluster that can be asked. */
export interface Reachable {
  readonly access: pulumi.Output<ClusterAccess>;
  /** Whether a preview can ask it: not one that this stack makes, of which the first has nothing to ask. */
  readonly inPreview: boolean;
}

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

interface Metadata {
  readonly name: pulumi.Input<string>;
  /** @default none: it is of the whole cluster */
  readonly namespace?: pulumi.Input<string>;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, pulumi.Input<string>>;
}

/**
 * Annotation of every object. Config is the only truth: what another hand changed (`kubectl rollout undo`, an edit) is shown by
 * a preview that looks at the real state, and taken back by such an update. Server-side apply refuses that without it, because
 * the other hand owns the field. Another hand is also an update before that was killed: the plugin gives each object that it makes
 * a name of its own to own it by, which is lost with the state.
 */
export const takenBack = { "pulumi.com/patchForce": "true" };

/** Metadata of an object whose name is given, not made up. */
export function metadata({ name, namespace, labels = {}, annotations = {} }: Metadata) {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: { "app.kubernetes.io/part-of": "ftgo", ...labels },
    annotations: { ...takenBack, ...annotations },
  };
}

// Counts of no pods are left out of a status. The provider's parser bears a blank before the first `&&` alone.
const counts = ["updatedReplicas", "availableReplicas", "replicas"].map((count) => `@.${count} == $.spec.replicas`);
const isRolledOut = `@.observedGeneration == $.metadata.generation&&($.spec.replicas == 0||${counts.join("&&")})`;

/**
 * Annotation of a Deployment or StatefulSet: Pulumi waits for a rollout as `kubectl rollout status` does, until all pods are of
 * the newest template and available, and no others are left. By its own way it may see the status of the rollout before, and be
 * content with that, when several of one namespace change at once.
 */
export const rolledOut = { "pulumi.com/waitFor": `jsonpath={$[?${isRolledOut}]}` };

/** Annotation of a Service of type LoadBalancer: its address is all that is waited for. */
export const hasAddress = { "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress}" };

/**
 * Annotation of a Service inside the cluster: nothing waits for it, since it takes requests as soon as its pods are ready, and
 * those are waited for. Pulumi would wait until its endpoints have not changed for ten seconds.
 */
export const notAwaited = { "pulumi.com/skipAwait": "true" };

/** What a container may do that Kubernetes' Pod Security Standards call restricted, and that writes to volumes alone. */
export const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/**
 * A value, once these are there. Unlike `dependsOn` it leaves no edge in the state: what is made later by one config may have to be
 * made first by the next, and an update of a part leaves the edges of all else as they were.
 */
export function onceThere<T>(resources: readonly pulumi.Resource[], value: T): pulumi.Output<pulumi.Unwrap<T>> {
  const there = resources.map(({ urn }) => new Promise<void>((resolve) => void urn.apply(() => resolve())));
  return pulumi.output(Promise.all(there).then(() => value));
}

/** Tells secrets apart where everybody may read, and tells nothing of them to anyone who does not know the key, a secret too. */
export function keyedHash(secret: pulumi.Input<string>, key: pulumi.Input<string>): pulumi.Output<string> {
  const digest = ([text, known]: string[]) =>
    createHmac("sha256", known ?? "")
      .update(text ?? "")
      .digest("hex");
  return pulumi.unsecret(pulumi.all([secret, key]).apply((pair) => digest(pair).slice(0, 8)));
}
