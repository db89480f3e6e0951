import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { beforehand, type Clients } from "./beforehand";
import type { Reachable } from "./cluster-access";
import { ofStack } from "./config";
import { takenBack } from "./kubernetes";

type Labels = Readonly<Record<string, string>>;

interface NamespaceArgs {
  readonly name: string;
  /** Of the stack file, which says the name. */
  readonly key: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** What to do where somebody else has it. */
  readonly otherwise: string;
  /** In which others may have a namespace of that name. */
  readonly cluster: Reachable;
  /** Run before it is made or changed. @default none */
  readonly checks?: readonly pulumi.ResourceHook[];
}

/**
 * A namespace of that name for good: with another one everything in it would be made anew, and its volumes would go. One that is
 * there already is refused, if not this stack has made it: it would go with this stack, and all that is in it.
 * @returns the namespace, and its name, which is an error for whoever waits for it when the stack has another one
 */
export function lastingNamespace(
  resource: string,
  args: NamespaceArgs,
  opts: pulumi.CustomResourceOptions,
): { readonly resource: k8s.core.v1.Namespace; readonly name: pulumi.Output<string> } {
  const { name: wanted, key, labels, annotations, cluster, checks = [] } = args;
  const notes = { ...takenBack, [ofStack]: pulumi.getStack(), ...annotations };
  const metadata = { name: wanted, ...(labels && { labels }), annotations: notes };
  const free = beforehand(`${resource}/is-free`, cluster, {
    refusal: (clients) => taken(args, clients),
    what: `whether another stack has namespace ${wanted}`,
    isNeeded: true,
  });
  const hooks = { beforeCreate: [free, ...checks], beforeUpdate: [...checks] };
  const made = new k8s.core.v1.Namespace(resource, { metadata }, { ...opts, ignoreChanges: ["metadata.name"], hooks });
  const name = made.metadata.name.apply((there) => {
    if (there === wanted) return there;
    const why = "which cannot change: everything in it would be made anew, and its volumes would go";
    throw new pulumi.RunError(`ftgo:${key} is "${wanted}"; this stack is in namespace "${there}", ${why}. Set it back`);
  });
  return { resource: made, name };
}

/** Says that a namespace is not this stack's. */
async function taken({ name, key, otherwise }: NamespaceArgs, clients: Clients): Promise<string | undefined> {
  const { ApiException, CoreV1Api } = await import("@kubernetes/client-node");
  const found = await clients(CoreV1Api)
    .readNamespace({ name })
    .catch((error: unknown) => {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    });
  if (found === undefined) return undefined;
  const said = `ftgo:${key} is "${name}"`;
  if (found.metadata?.deletionTimestamp !== undefined) {
    return `${said}, which is being deleted: run this again when it is gone (\`kubectl get namespace ${name}\`)`;
  }
  const [owner, stack] = [found.metadata?.annotations?.[ofStack], pulumi.getStack()];
  if (owner === stack) return undefined;
  const why = "`destroy` of this stack would delete it with everything in it";
  if (owner !== undefined) return `${said}, which is of stack ${owner}: ${why}. ${otherwise}`;
  const command = `kubectl annotate namespace ${name} ${ofStack}=${stack}`;
  return `${said}, which is there, and no stack has made it: ${why}. ${otherwise}, or hand it over: ${command}`;
}
