import { fingerprintAnnotation, oneImage, stickyShare } from "../components/config";
import type { Cluster, KubernetesObject } from "./cluster";
import type { Audience } from "./route";

/** A Deployment as it is now. */
export interface LiveDeployment {
  /** Of its pods: `app`, the Service that they belong to, and that of their subset among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Image of the service's own container. */
  readonly image: string;
  /** Of the config that its pods were made from; undefined when another hand has made it. */
  readonly fingerprint?: string;
  /** Pods that are wanted. */
  readonly desired: number;
  /** Pods that get requests, be they of the newest template or of one before. */
  readonly ready: number;
  /** Pods of a template before. */
  readonly old: number;
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

/**
 * Reads what runs.
 * @param service name of the one that is asked for, by the label of its objects. @default all that is in the namespace
 */
export async function readLive(namespace: string, cluster: Cluster, service?: string): Promise<Live> {
  const args = service === undefined ? [] : ["--selector", `app=${service}`];
  const kinds = ["deployments.apps", "virtualservices.networking.istio.io", "destinationrules.networking.istio.io"];
  const objects = await cluster.get(kinds, namespace, args);
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  return {
    subsets: toSubsets(of("DestinationRule")),
    deployments: new Map(of("Deployment").map((object) => [object.metadata.name, toDeployment(object)])),
    routes: new Map(of("VirtualService").map((object) => [object.metadata.name, toLiveAudience(object.spec)])),
  };
}

function toDeployment(object: KubernetesObject): LiveDeployment {
  const { replicas = 1, template } = object.spec as DeploymentSpec;
  const { readyReplicas = 0, updatedReplicas = 0, replicas: pods = 0 } = (object.status ?? {}) as DeploymentStatus;
  // The service's own container is the first one; sidecars follow.
  const image = template.spec.containers[0]?.image ?? "";
  const { labels = {}, annotations } = template.metadata ?? {};
  const fingerprint = annotations?.[fingerprintAnnotation];
  const isRolledOut = [readyReplicas, updatedReplicas, pods].every((count) => count === replicas);
  const old = pods - updatedReplicas;
  return { labels, image, fingerprint, desired: replicas, ready: readyReplicas, old, isRolledOut };
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
    readonly route?: Destinations;
  }[];
}

type Destinations = readonly { readonly destination: { subset?: string }; readonly weight?: number }[];

/** The version that requests get; "" for all, or those of a service with one image. */
function versionOf({ subset = "" }: { readonly subset?: string }): string {
  return subset === oneImage ? "" : subset;
}

/**
 * Who gets which version by a VirtualService: the rule without headers is everybody's, but for a share that is told by users'
 * numbers; one by any other header is the testers'.
 */
export function toLiveAudience(spec: unknown): Audience {
  const rules = ((spec as VirtualServiceSpec).http ?? []).map(({ match = [], route = [] }) => {
    const [header, value] = Object.entries(match.find((each) => each.headers)?.headers ?? {})[0] ?? [];
    return { header, regex: value?.regex ?? value?.exact ?? "", route };
  });
  const shareOf = (route: Destinations, all: number) =>
    route.map(
      ({ destination, weight = route.length === 1 ? 100 : 0 }) =>
        [versionOf(destination), (weight * all) / 100] as const,
    );
  const { share, isByNumber } = stickyShare(rules);
  const byNumber = rules.find(isByNumber)?.route ?? [];
  const others = rules.find(({ header }) => header === undefined)?.route ?? [];
  const weights: Record<string, number> = {};
  for (const [version, weight] of [...shareOf(others, 100 - share), ...shareOf(byNumber, share)])
    if (weight > 0) weights[version] = (weights[version] ?? 0) + weight;
  const testing = rules.find((rule) => rule.header !== undefined && !isByNumber(rule));
  const version = testing?.route[0]?.destination.subset;
  if (testing?.header === undefined || version === undefined) return { weights };
  return { weights, testers: { header: testing.header, regex: testing.regex, version } };
}
