import { fingerprintAnnotation } from "../components/config";
import type { Cluster, KubernetesObject } from "./cluster";
import type { Audience } from "./route";

/** A Deployment as it is now. */
export interface LiveDeployment {
  /** Name of the Service that its pods belong to, by their label. */
  readonly app?: string;
  /** Image of the service's own container. */
  readonly image: string;
  /** Of the config that its pods were made from; undefined when another hand has made it. */
  readonly fingerprint?: string;
  /** Pods that are wanted. */
  readonly desired: number;
  /** Pods that get requests. */
  readonly ready: number;
  /** Whether all of its pods are ready and of its newest template. */
  readonly isRolledOut: boolean;
}

/** What runs in a namespace. */
export interface Live {
  /** By name. */
  readonly deployments: ReadonlyMap<string, LiveDeployment>;
  /** Who gets which version, by name of the service; from its VirtualService. */
  readonly routes: ReadonlyMap<string, Audience>;
  /** Versions that the mesh can tell apart, by name of the service; from its DestinationRules. */
  readonly subsets: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads what runs. */
export async function readLive(namespace: string, cluster: Cluster): Promise<Live> {
  const [deployments, routes, rules] = await Promise.all([
    cluster.get("deployments.apps", namespace),
    cluster.get("virtualservices.networking.istio.io", namespace),
    cluster.get("destinationrules.networking.istio.io", namespace),
  ]);
  return {
    subsets: toSubsets(rules),
    deployments: new Map(deployments.map((object) => [object.metadata.name, toDeployment(object)])),
    routes: new Map(routes.map((object) => [object.metadata.name, toLiveAudience(object.spec)])),
  };
}

function toDeployment(object: KubernetesObject): LiveDeployment {
  const { replicas = 1, template } = object.spec as DeploymentSpec;
  const { readyReplicas = 0, updatedReplicas = 0, replicas: pods = 0 } = (object.status ?? {}) as DeploymentStatus;
  // The service's own container is the first one; sidecars follow.
  const image = template.spec.containers[0]?.image ?? "";
  const { labels, annotations } = template.metadata ?? {};
  const fingerprint = annotations?.[fingerprintAnnotation];
  const isRolledOut = [readyReplicas, updatedReplicas, pods].every((count) => count === replicas);
  return { app: labels?.["app"], image, fingerprint, desired: replicas, ready: readyReplicas, isRolledOut };
}

interface DeploymentStatus {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
}

interface DestinationRuleSpec {
  readonly host: string;
  readonly subsets?: readonly { readonly name: string }[];
}

function toSubsets(rules: readonly KubernetesObject[]): Live["subsets"] {
  const subsets = new Map<string, Set<string>>();
  for (const spec of rules.map((rule) => rule.spec as DestinationRuleSpec)) {
    const names = (spec.subsets ?? []).map(({ name }) => name);
    subsets.set(spec.host, new Set([...(subsets.get(spec.host) ?? []), ...names]));
  }
  return subsets;
}

interface DeploymentSpec {
  readonly replicas?: number;
  readonly template: {
    readonly metadata?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: { readonly containers: readonly { readonly image: string }[] };
  };
}

interface VirtualServiceSpec {
  readonly http?: readonly {
    readonly match?: readonly { readonly headers?: Readonly<Record<string, { regex?: string; exact?: string }>> }[];
    readonly route?: readonly { readonly destination: { subset?: string }; readonly weight?: number }[];
  }[];
}

/** Who gets which version by a VirtualService: a rule with headers is the testers', the one without is everybody's. */
export function toLiveAudience(spec: unknown): Audience {
  const rules = (spec as VirtualServiceSpec).http ?? [];
  const everybody = rules.find((rule) => !rule.match?.some((match) => match.headers));
  const routes = everybody?.route ?? [];
  const weights = Object.fromEntries(
    routes
      .map(({ destination, weight }) => [destination.subset ?? "", weight ?? (routes.length === 1 ? 100 : 0)] as const)
      .filter(([, weight]) => weight > 0),
  );
  for (const rule of rules) {
    const [header, value] = Object.entries(rule.match?.find((match) => match.headers)?.headers ?? {})[0] ?? [];
    const version = rule.route?.[0]?.destination.subset;
    if (header !== undefined && version !== undefined) {
      return { weights, testers: { header, regex: value?.regex ?? value?.exact ?? "", version } };
    }
  }
  return { weights };
}
