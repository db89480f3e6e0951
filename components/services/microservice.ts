import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { loadBalancerAnnotations, standardTags } from "../aws";
import { fingerprintAnnotation, podFingerprint, routedVersions, type Service, type Version } from "../config";
import { hasAddress, metadata, notAwaited, rolledOut, type Transform } from "../kubernetes";
import type { MeshAccess } from "../mesh";
import { heardBeforeBreak } from "./break";
import { type EnvVar, envMapName, fileKey, fileMapName, podLabels, podSpec } from "./pod";
import { httpRules, subsetSpec } from "./route";

type DeploymentArgs = k8s.apps.v1.DeploymentArgs;
type ServiceArgs = k8s.core.v1.ServiceArgs;

export interface MicroserviceArgs {
  /** The service with all defaults applied: one of `Environment.services`, or `defineService(…)`. */
  service: Service;
  /** Namespace of every object. It must exist. */
  namespace: pulumi.Input<string>;
  /**
   * Variables whose values are known only later, or stand in a Secret. One of `service`'s own takes the place of another of
   * its name. @default none
   */
  env?: readonly EnvVar[];
  /** Annotations of the pods. A change rolls them. @default none */
  podAnnotations?: Record<string, pulumi.Input<string>>;
  /**
   * The mesh, which is asked whether its proxies have heard of a changed route before the version that it named goes.
   * @default nobody is asked, and a version may go a moment too early
   */
  mesh?: pulumi.Input<MeshAccess>;
  /** Changes to single objects, applied last. @default none */
  transform?: { deployment?: Transform<DeploymentArgs>; service?: Transform<ServiceArgs> };
}

const networking = "networking.istio.io/v1";

/** Seconds in which Kubernetes notes that a rollout has passed its deadline. */
const timeToSaySo = 30;

/**
 * A service in the mesh: a Service, a ServiceAccount without token, ConfigMaps, and for each version a Deployment with a
 * PodDisruptionBudget (from two replicas on) and a HorizontalPodAutoscaler (for a range of replicas). A service with
 * named versions has a route as well: a VirtualService, one DestinationRule per version for its subset, and one for the
 * traffic policy of them all.
 *
 * Children are named `<name>/<role>`, objects in the cluster as the model says; none is auto-named.
 */
export class Microservice extends pulumi.ComponentResource {
  /** Host by which pods of the namespace reach the service: its name. */
  readonly host: string;
  /** The Service, for callers that need its address. */
  readonly service: k8s.core.v1.Service;
  /** Deployments by their names. */
  readonly deployments: Readonly<Record<string, k8s.apps.v1.Deployment>>;

  constructor(
    private readonly name: string,
    /** What it was made from. */
    readonly args: MicroserviceArgs,
    opts?: pulumi.ComponentResourceOptions,
    type = "ftgo:services:Microservice",
  ) {
    // The arguments stay out of the state: they would be recorded there as this component's inputs.
    super(type, name, {}, opts);
    this.host = args.service.name;
    const account = this.makeAccount();
    const maps = this.makeConfigMaps();
    this.deployments = this.makeDeployments([account, ...maps]);
    this.service = this.makeService();
    this.makeRoute();
    this.registerOutputs({ host: this.host });
  }

  private metadata(name: string, labels: Record<string, string> = {}) {
    return metadata({ name, namespace: this.args.namespace, labels: { app: this.host, ...labels } });
  }

  private makeAccount(): pulumi.Resource {
    const account = { metadata: this.metadata(this.host), automountServiceAccountToken: false };
    return new k8s.core.v1.ServiceAccount(`${this.name}/account`, account, { parent: this });
  }

  private makeConfigMaps(): pulumi.Resource[] {
    const { service } = this.args;
    const { env, files } = service.config;
    const contents = Object.fromEntries(Object.entries(files).map(([path, content]) => [fileKey(path), content]));
    const maps = [
      { role: "env", name: envMapName(service), data: env },
      { role: "files", name: fileMapName(service), data: contents },
    ];
    return maps
      .filter(({ data }) => Object.keys(data).length > 0)
      .map(
        ({ role, name, data }) =>
          new k8s.core.v1.ConfigMap(`${this.name}/${role}`, { metadata: this.metadata(name), data }, { parent: this }),
      );
  }

  private makeDeployments(dependsOn: pulumi.Resource[]): Record<string, k8s.apps.v1.Deployment> {
    const made = this.args.service.versions.map((version) => {
      const role = `${this.name}/${version.version ?? "deployment"}`;
      const args = this.args.transform?.deployment?.(this.deployment(version)) ?? this.deployment(version);
      // The autoscaler owns a range: it begins with what runs, be that of the fixed number before it.
      const ignoreChanges = typeof version.replicas === "number" ? [] : ["spec.replicas"];
      // Kubernetes says when a rollout has failed, but the provider waits on, ten minutes if it is not told another limit.
      const limit = `${this.args.service.rollout.deadlineSeconds + timeToSaySo}s`;
      const customTimeouts = { create: limit, update: limit };
      const opts = { parent: this, dependsOn, ignoreChanges, customTimeouts };
      const deployment = new k8s.apps.v1.Deployment(role, args, opts);
      this.makeBudget(role, version);
      this.makeAutoscaler(role, version, deployment);
      return [version.deployment, deployment] as const;
    });
    return Object.fromEntries(made);
  }

  private deployment(version: Version): DeploymentArgs {
    const { service, env = [], podAnnotations = {} } = this.args;
    const matchLabels = podLabels(service, version);
    const { replicas } = version;
    const isFixed = typeof replicas === "number";
    const base = this.metadata(version.deployment, matchLabels);
    // Without a trace of the range a fixed number that was there before it would seem to be there still.
    const range = isFixed ? undefined : { "ftgo/replicas": rangeText(replicas) };
    return {
      metadata: { ...base, annotations: { ...base.annotations, ...rolledOut, ...range } },
      spec: {
        replicas: isFixed ? replicas : replicas.min,
        selector: { matchLabels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        minReadySeconds: service.rollout.minReadySeconds,
        progressDeadlineSeconds: service.rollout.deadlineSeconds,
        revisionHistoryLimit: 10,
        template: {
          metadata: {
            labels: matchLabels,
            annotations: { [fingerprintAnnotation]: podFingerprint(service, version), ...podAnnotations },
          },
          spec: podSpec(service, version, env),
        },
      },
    };
  }

  /** One pod may be away at a time. With a single pod a budget would only keep nodes from being drained. */
  private makeBudget(role: string, version: Version): void {
    const least = typeof version.replicas === "number" ? version.replicas : version.replicas.min;
    if (least < 2) return;
    const budget = {
      metadata: this.metadata(version.deployment),
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: podLabels(this.args.service, version) },
        // A pod that is broken already must not keep its node from being drained.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    };
    new k8s.policy.v1.PodDisruptionBudget(`${role}/budget`, budget, { parent: this });
  }

  private makeAutoscaler(role: string, { deployment, replicas }: Version, target: pulumi.Resource): void {
    if (typeof replicas === "number") return;
    const averageUtilization = replicas.cpu;
    const autoscaler = {
      metadata: this.metadata(deployment),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
        minReplicas: replicas.min,
        maxReplicas: replicas.max,
        metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } }],
      },
    };
    const opts = { parent: this, dependsOn: target };
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(`${role}/autoscaler`, autoscaler, opts);
  }

  private makeService(): k8s.core.v1.Service {
    const { service, transform } = this.args;
    const { expose } = service;
    const base = this.metadata(service.name);
    const port = {
      // Istio reads the protocol from the name; an unnamed port counts as TCP and gets no rules.
      name: "http",
      port: expose.port ?? service.port,
      targetPort: service.port,
      ...(expose.kind === "NodePort" && { nodePort: expose.nodePort }),
    };
    // How the cloud is told what its load balancer shall do. Elsewhere they are read by nobody.
    const elb = expose.kind === "LoadBalancer" ? loadBalancerAnnotations(expose, [expose.port], standardTags()) : {};
    const wait = expose.kind === "LoadBalancer" ? hasAddress : notAwaited;
    const args: ServiceArgs = {
      metadata: { ...base, annotations: { ...base.annotations, ...elb, ...wait } },
      spec: {
        type: expose.kind,
        selector: { app: service.name },
        ports: [port],
        ...(expose.kind === "LoadBalancer" &&
          expose.sourceRanges.length > 0 && { loadBalancerSourceRanges: expose.sourceRanges }),
      },
    };
    return new k8s.core.v1.Service(`${this.name}/service`, transform?.service?.(args) ?? args, { parent: this });
  }

  private makeRoute(): void {
    const { service } = this.args;
    const { route } = service;
    if (route === undefined) return;
    const policy = this.makeRule("policy", service.name, {
      host: service.name,
      trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } },
    });
    const subsets = new Map(
      service.versions.map(({ version = "", deployment }) => [
        version,
        { rule: this.makeRule(`${version}/subset`, deployment, subsetSpec(service, version)), deployment },
      ]),
    );
    // Make before break: a route waits for the subsets and the pods of the versions it names, and for no others.
    const named = routedVersions(route).flatMap((version) => {
      const subset = subsets.get(version);
      const deployment = subset && this.deployments[subset.deployment];
      return subset && deployment ? [subset.rule, deployment] : [];
    });
    const spec = { hosts: [service.name], http: httpRules(service.name, route) };
    new k8s.apiextensions.CustomResource(
      `${this.name}/route`,
      { apiVersion: networking, kind: "VirtualService", metadata: this.metadata(service.name), spec },
      { parent: this, dependsOn: [this.service, policy, ...named], hooks: this.breakHooks() },
    );
  }

  /** Break after make: a version that goes does so when no proxy routes to it any more. */
  private breakHooks(): pulumi.ResourceHookBinding | undefined {
    const { mesh, service } = this.args;
    const versions = service.versions.flatMap(({ version }) => version ?? []);
    return mesh && heardBeforeBreak(this.name, versions, pulumi.output(mesh));
  }

  private makeRule(role: string, name: string, spec: object): pulumi.Resource {
    return new k8s.apiextensions.CustomResource(
      `${this.name}/${role}`,
      { apiVersion: networking, kind: "DestinationRule", metadata: this.metadata(name), spec },
      { parent: this },
    );
  }
}

function rangeText({ min, max }: { min: number; max: number }): string {
  return `${min} to ${max}`;
}
