import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { loadBalancerAnnotations, readOnce, standardTags } from "../aws";
import {
  deploymentName,
  fileKey,
  routedSubsets,
  secretsAnnotation,
  type Service,
  subsetOf,
  type Version,
} from "../config";
import { hasAddress, keyedHash, metadata, notAwaited, onceThere, type Transform } from "../kubernetes";
import { allowCallers, type MeshAccess, type Mtls, openWayIn } from "../mesh";
import { heardBeforeBreak } from "./break";
import { autoscalerSpec, budgetSpec, deploymentArgs, type PodArgs } from "./deployment";
import { hasLimits, limitsSpec } from "./limits";
import { type EnvVar, envMapName, fileMapName } from "./pod";
import { httpRules, subsetSpec } from "./route";
import { trafficPolicy } from "./traffic-policy";

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
  /**
   * Variables whose values are secret: in the Secret `<name>-secrets`. Another value rolls the pods, by an annotation with a hash that
   * is made with `hashKey`, a secret too. @default none
   */
  secretEnv?: {
    readonly values: Readonly<Record<string, pulumi.Output<string>>>;
    readonly hashKey: pulumi.Output<string>;
  };
  /** Annotations of the pods. A change rolls them. @default none */
  podAnnotations?: Record<string, pulumi.Input<string>>;
  /**
   * The mesh, which is asked whether its proxies have heard of a changed route before the version that it named goes.
   * @default nobody is asked, and a version may go a moment too early
   */
  mesh?: pulumi.Input<MeshAccess>;
  /** Mutual TLS of the namespace: `callers` are told apart by it. @default everybody may call the service */
  mtls?: Mtls;
  /** Changes to single objects, applied last. A Deployment's has to keep the labels of its pods: routes need them. @default none */
  transform?: { deployment?: Transform<DeploymentArgs>; service?: Transform<ServiceArgs> };
}

/** Seconds after a rollout's deadline in which Kubernetes has noted that it has passed. */
const timeToSaySo = 10;

/**
 * The types of all services. Who gives the consumer service another key makes a plain service of it, and means the same objects: those
 * of another resource would be made over them, and then be deleted with the one before.
 */
const types = ["Microservice", "RestaurantService", "ConsumerService", "ApiGateway"].map(
  (name) => `ftgo:services:${name}`,
);

/** An object of Istio's. */
interface MeshRule {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
  readonly spec: object;
}

/** Those pods of a service that a route can name. */
interface Destination {
  readonly deployment: k8s.apps.v1.Deployment;
  /** By which the mesh tells them from others of the service. */
  readonly subset: pulumi.Resource;
}

/**
 * A service in the mesh: a Service, a ServiceAccount without token, ConfigMaps, a Secret, and for each version a Deployment with a
 * PodDisruptionBudget (from two replicas on) and a HorizontalPodAutoscaler (for a range of replicas); a VirtualService, and
 * DestinationRules for the traffic policy and for the subset of each version; an AuthorizationPolicy that says who may
 * send it requests, and an EnvoyFilter when there are limits.
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
  private readonly pods: Pick<PodArgs, "env" | "podAnnotations">;
  /** What says who may send it requests: it has to be there before everybody else is turned away. */
  readonly access: readonly pulumi.Resource[];

  constructor(
    private readonly name: string,
    /** What it was made from. */
    readonly args: MicroserviceArgs,
    opts?: pulumi.ComponentResourceOptions,
    type = "ftgo:services:Microservice",
  ) {
    // The arguments stay out of the state: they would be recorded there as this component's inputs.
    super(type, name, {}, pulumi.mergeOptions(opts ?? {}, { aliases: types.map((type) => ({ type })) }));
    this.host = args.service.name;
    this.access = this.makeAccess();
    const account = this.makeAccount();
    const { made, ...told } = this.makeSecret();
    this.pods = told;
    const before = [...this.access, account, ...made, ...this.makeConfigMaps(account), ...this.makeLimits()];
    this.service = this.makeService();
    this.deployments = this.makeVersions(before);
    this.registerOutputs({ host: this.host });
  }

  private metadata(name: string, annotations: Record<string, pulumi.Input<string>> = {}) {
    return metadata({ name, namespace: this.args.namespace, labels: { app: this.host }, annotations });
  }

  private makeAccount(): k8s.core.v1.ServiceAccount {
    const account = { metadata: this.metadata(this.host), automountServiceAccountToken: false };
    return new k8s.core.v1.ServiceAccount(`${this.name}/account`, account, { parent: this });
  }

  private makeAccess(): pulumi.Resource[] {
    const { namespace, mtls, service } = this.args;
    if (mtls === undefined) return [];
    const { name: app, callers, expose, port } = service;
    const pods = { app, namespace, mtls };
    const opts = { parent: this };
    return expose.kind === "ClusterIP"
      ? [allowCallers(`${this.name}/callers`, { ...pods, callers }, opts)]
      : openWayIn(this.name, { ...pods, port, testers: expose.testers }, opts);
  }

  /** The Secret of its variables, and what its pods are told: of the Secret as it is, with what is given beside it. */
  private makeSecret(): Pick<PodArgs, "env" | "podAnnotations"> & { readonly made: readonly pulumi.Resource[] } {
    const { secretEnv, env = [], podAnnotations = {} } = this.args;
    if (secretEnv === undefined || Object.keys(secretEnv.values).length === 0) return { env, podAnnotations, made: [] };
    const { values, hashKey } = secretEnv;
    const name = `${this.host}-secrets`;
    const metadata = this.metadata(name, { [secretsAnnotation]: keyedHash(pulumi.jsonStringify(values), hashKey) });
    const object = { metadata, type: "Opaque", stringData: pulumi.secret(values) };
    const secret = new k8s.core.v1.Secret(`${this.name}/secrets`, object, { parent: this });
    const tag = secret.metadata.annotations.apply((annotations) => annotations[secretsAnnotation] ?? "");
    // Pods that start again before they roll still name a variable that is gone by then: they start without it.
    const variables = Object.keys(values).map((key) => ({
      name: key,
      valueFrom: { secretKeyRef: { name, key, optional: true } },
    }));
    return {
      env: [...env.filter((variable) => !(variable.name in values)), ...variables],
      podAnnotations: { ...podAnnotations, [secretsAnnotation]: tag },
      made: [secret],
    };
  }

  /** Those of earlier contents stay for the revisions that pods can go back to, and go with the service: with its account. */
  private makeConfigMaps(account: k8s.core.v1.ServiceAccount): pulumi.Resource[] {
    const { service } = this.args;
    const { env, files } = service.config;
    const contents = Object.fromEntries(Object.entries(files).map(([path, content]) => [fileKey(path), content]));
    const maps = [
      { role: "env", name: envMapName(service), data: env },
      { role: "files", name: fileMapName(service), data: contents },
    ];
    const { name, uid } = account.metadata;
    const owner = { apiVersion: "v1", kind: "ServiceAccount", name, uid, blockOwnerDeletion: true };
    const opts = { parent: this, retainOnDelete: true };
    return maps
      .filter(({ data }) => Object.keys(data).length > 0)
      .map(({ role, name, data }) => {
        const metadata = { ...this.metadata(name), ownerReferences: [owner] };
        return new k8s.core.v1.ConfigMap(`${this.name}/${role}`, { metadata, data }, opts);
      });
  }

  private makeLimits(): pulumi.Resource[] {
    const { service } = this.args;
    if (!hasLimits(service)) return [];
    const filter = { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", name: `${service.name}-limits` };
    return [this.makeRule("limits", { ...filter, spec: limitsSpec(service, this.args.namespace) })];
  }

  /**
   * The versions, and the route between them. Make before break: the route waits for the subsets and the pods of the versions
   * that it names, and the pods of others come after the route: until it is there, requests go to all.
   */
  private makeVersions(before: readonly pulumi.Resource[]): Readonly<Record<string, k8s.apps.v1.Deployment>> {
    const { service } = this.args;
    const named = routedSubsets(service);
    const isNamed = (version: Version) => named.includes(subsetOf(version));
    const make = (versions: readonly Version[], after?: pulumi.Resource) =>
      versions.map((version) => [version.deployment, this.makeVersion(version, before, after)] as const);
    const routed = make(service.versions.filter(isNamed));
    const rule = { host: service.name, trafficPolicy: trafficPolicy(service) };
    const policy = this.makeRule("policy", { kind: "DestinationRule", name: service.name, spec: rule });
    const destinations = routed.flatMap(([, { deployment, subset }]) => [deployment, subset]);
    const dependsOn = [this.service, policy, ...destinations];
    const opts = { dependsOn, hooks: this.breakHooks() };
    const spec = { hosts: [service.name], http: httpRules(service) };
    const route = this.makeRule("route", { kind: "VirtualService", name: service.name, spec }, opts);
    const others = make(
      service.versions.filter((version) => !isNamed(version)),
      route,
    );
    return Object.fromEntries([...routed, ...others].map(([name, { deployment }]) => [name, deployment]));
  }

  /** @param after what has to be there before its pods change */
  private makeVersion(version: Version, dependsOn: readonly pulumi.Resource[], after?: pulumi.Resource): Destination {
    const { service, transform } = this.args;
    const role = `${this.name}/${version.version ?? "deployment"}`;
    const plain = deploymentArgs({ ...this.args, ...this.pods }, version);
    const args = transform?.deployment?.(plain) ?? plain;
    const { metadata = {} } = args;
    // The autoscaler owns a range: it begins with what runs, be that of the fixed number before it.
    const ignoreChanges = typeof version.replicas === "number" ? [] : ["spec.replicas"];
    // The provider waits for the rollout as a whole, ten minutes if it is not told another limit, whatever Kubernetes says of it.
    const limit = `${service.rollout.deadlineSeconds + timeToSaySo}s`;
    const customTimeouts = { create: limit, update: limit };
    const opts = { parent: this, dependsOn: [...dependsOn], ignoreChanges, customTimeouts };
    const deployment = new k8s.apps.v1.Deployment(
      role,
      { ...args, metadata: after ? onceThere([after], metadata) : metadata },
      opts,
    );
    this.makeHelpers(role, version, deployment);
    const subset = subsetOf(version);
    const rule = {
      kind: "DestinationRule",
      name: deploymentName(service.name, subset),
      spec: subsetSpec(service, version),
    };
    return { deployment, subset: this.makeRule(`${subset}/subset`, rule) };
  }

  private makeHelpers(role: string, version: Version, deployment: pulumi.Resource): void {
    const object = this.metadata(version.deployment);
    const budget = budgetSpec(this.args.service, version);
    if (budget) {
      new k8s.policy.v1.PodDisruptionBudget(`${role}/budget`, { metadata: object, spec: budget }, { parent: this });
    }
    const autoscaler = autoscalerSpec(version);
    if (autoscaler) {
      const args = { metadata: object, spec: autoscaler };
      const opts = { parent: this, dependsOn: deployment };
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(`${role}/autoscaler`, args, opts);
    }
  }

  private makeService(): k8s.core.v1.Service {
    const { service, transform } = this.args;
    const { expose } = service;
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
      metadata: this.metadata(service.name, { ...elb, ...wait }),
      spec: {
        type: expose.kind,
        selector: { app: service.name },
        ports: [port],
        ...(expose.kind === "LoadBalancer" &&
          expose.sourceRanges.length > 0 && { loadBalancerSourceRanges: expose.sourceRanges }),
      },
    };
    // Both have the same name, and the ELB is the Service's.
    const fixed = expose.kind === "LoadBalancer" ? readOnce : [];
    const replaceOnChanges = fixed.map((key) => `metadata.annotations["${key}"]`);
    const opts = { parent: this, replaceOnChanges, deleteBeforeReplace: true };
    return new k8s.core.v1.Service(`${this.name}/service`, transform?.service?.(args) ?? args, opts);
  }

  /** Break after make: a version that goes does so when no proxy routes to it any more. */
  private breakHooks(): pulumi.ResourceHookBinding | undefined {
    const { mesh, service } = this.args;
    const kept = service.versions.filter(({ version, replicas }) => version === undefined || replicas !== 0);
    return mesh && heardBeforeBreak(this.name, kept.map(subsetOf), pulumi.output(mesh));
  }

  private makeRule(role: string, rule: MeshRule, opts: pulumi.CustomResourceOptions = {}): pulumi.Resource {
    const { apiVersion = "networking.istio.io/v1", kind, name, spec } = rule;
    const object = { apiVersion, kind, metadata: this.metadata(name), spec };
    return new k8s.apiextensions.CustomResource(`${this.name}/${role}`, object, { ...opts, parent: this });
  }
}
