import type { ClusterConfig } from "./cluster";
import type { DataStoresConfig } from "./data-stores";
import type { ExposeConfig } from "./expose";
import type { MeshConfig } from "./mesh";
import { deploymentName } from "./names";
import type { CanaryConfig, Replicas, ServiceConfig } from "./service";
import type { StackConfig } from "./schema";
import type { PrometheusConfig, TelemetryConfig, TracingConfig } from "./telemetry";

/** One set of equal pods: a service's only version, or one of several. */
export interface Version {
  /** Name of the Deployment: the service's, and for named versions `-<version>`. */
  readonly deployment: string;
  /** `v1`; undefined for a service with one image. */
  readonly version?: string;
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  readonly replicas: Replicas;
  readonly env: Readonly<Record<string, string>>;
}

/** Who gets which version. */
export interface Route {
  readonly stable: string;
  readonly canary?: CanaryConfig;
}

/** A service with all defaults applied. `placement`, `callers` and `limits` name services as the cluster does, not by their keys. */
export interface Service extends Omit<
  ServiceConfig,
  "name" | "image" | "versions" | "stable" | "canary" | "imagePullPolicy" | "replicas" | "env"
> {
  /** Key under `services`. */
  readonly key: string;
  /** Name of the Service. */
  readonly name: string;
  readonly versions: readonly Version[];
  /** Undefined for a service with one image: all of its pods are alike. */
  readonly route?: Route;
  /** Names of the variables whose values are secret. */
  readonly secretEnv: readonly string[];
}

/** Everything that one stack stands for, without its secrets. */
export interface Environment {
  readonly cluster: ClusterConfig;
  readonly namespace: string;
  readonly services: readonly Service[];
  readonly mesh: MeshConfig;
  readonly telemetry: TelemetryConfig;
  readonly dataStores: DataStoresConfig;
  readonly backend?: string;
}

export type { CanaryConfig, ClusterConfig, DataStoresConfig, ExposeConfig, MeshConfig, Replicas };
export type { PrometheusConfig, TelemetryConfig, TracingConfig };

/** The checked config as the model that components are built from. */
export function toEnvironment(config: StackConfig): Environment {
  const { cluster, namespace, mesh, telemetry, dataStores, backend } = config;
  const nameOf = (key: string) => config.services[key]?.name ?? key;
  const services = Object.entries(config.services).map(([key, service]) => {
    const secretEnv = Object.keys(config.secrets.env[key] ?? {}).sort();
    return { ...toService(key, service, nameOf), secretEnv };
  });
  return { cluster, namespace, services, mesh, telemetry, dataStores, backend };
}

/** One service's checked config as the model. `nameOf` gives the name of the service under another key. */
function toService(key: string, config: ServiceConfig, nameOf: (key: string) => string): Omit<Service, "secretEnv"> {
  const { name = key, image, versions, stable, canary, imagePullPolicy, replicas, env, ...others } = config;
  const { placement, traffic } = config;
  const named = <T>(byKey: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(byKey).map(([other, value]) => [nameOf(other), value]));
  const rest = {
    ...others,
    placement: { ...placement, near: named(placement.near), apart: named(placement.apart) },
    callers: config.callers.map(nameOf),
    traffic: { ...traffic, limits: { ...traffic.limits, callers: named(traffic.limits.callers) } },
  };
  if (image !== undefined) {
    return {
      ...rest,
      key,
      name,
      versions: [{ deployment: name, image, imagePullPolicy: imagePullPolicy ?? pullPolicyOf(image), replicas, env }],
    };
  }
  const sets = Object.entries(versions ?? {}).map(([version, own]) => ({
    deployment: deploymentName(name, version),
    version,
    image: own.image,
    imagePullPolicy: own.imagePullPolicy ?? imagePullPolicy ?? pullPolicyOf(own.image),
    replicas: own.replicas ?? replicas,
    env: { ...env, ...own.env },
  }));
  // The check has seen to it that a service without an image has versions and a stable one among them.
  const route = { stable: stable ?? sets[0]?.version ?? "", ...(canary && { canary }) };
  return { ...rest, key, name, versions: sets, route };
}

/** Kubernetes' own rule, which is the seed's too: a tag that moves is looked up at every start. */
function pullPolicyOf(image: string): Version["imagePullPolicy"] {
  return image.endsWith(":latest") || !/[:@][^/]+$/.test(image) ? "Always" : "IfNotPresent";
}
