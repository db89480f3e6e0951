import { isDeepStrictEqual } from "node:util";
import { type Environment, podFingerprint, type Service, subsetLabels, type Version } from "../components/config";
import type { ChangeByHand } from "./by-hand";
import type { Live, LiveDeployment } from "./live";
import { type Audience, describeAudience, toAudience } from "./route";

/** One version of a service: what the stack file says, and what runs. */
export interface VersionStatus {
  /** Undefined for a service with one image. */
  readonly version?: string;
  readonly deployment: string;
  /** Image in the stack file; undefined for a version that runs and is no longer there. */
  readonly image?: string;
  /** Undefined when it does not run. */
  readonly live?: LiveDeployment;
}

/** One service: what the stack file says, and what runs. */
export interface ServiceStatus {
  readonly key: string;
  readonly name: string;
  readonly versions: readonly VersionStatus[];
  /** Who gets what by the stack file; undefined for a service with one image. */
  readonly configured?: Audience;
  /** Who gets what now. */
  readonly live?: Audience;
  /** Where live and config differ, a sentence each; empty when they agree. */
  readonly differences: readonly string[];
}

/** A stack: what its file says, and what runs. */
export interface StackStatus {
  readonly stack: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly gateway: { readonly url?: string };
  readonly services: readonly ServiceStatus[];
  /** What runs of services that the stack file does not name, a sentence each; `up` takes it away when the stack has made it. */
  readonly gone: readonly string[];
  /** What keeps pods from being ready, those of the control plane among them, a line each. */
  readonly unready: readonly string[];
  /** What another hand has changed in the objects. Labels and annotations `up` does not take back. */
  readonly byHand: readonly ChangeByHand[];
}

/** Puts config and live state of one service side by side. */
export function toServiceStatus(service: Service, live: Live): ServiceStatus {
  const { key, name, route } = service;
  const configured = service.versions.map((version) => ({
    ...(version.version !== undefined && { version: version.version }),
    deployment: version.deployment,
    image: version.image,
    live: live.deployments.get(version.deployment),
  }));
  const versions = [...configured, ...leftOver(service, live)];
  const audience = route && toAudience(route);
  const now = live.routes.get(name);
  const differences = [
    ...comparePods(service, live),
    ...leftOver(service, live).map(({ deployment }) => notInFile(deployment)),
    ...compareRoute(audience, now),
  ];
  return { key, name, versions, configured: audience, live: now, differences };
}

/** What runs of services that the stack file does not name. Pods that another hand has made are not looked at. */
export function goneServices(services: readonly Service[], { deployments }: Live): string[] {
  const named = new Set(services.map(({ name }) => name));
  return [...deployments]
    .filter(([, { labels, fingerprint }]) => fingerprint !== undefined && !named.has(labels["app"] ?? ""))
    .map(([deployment]) => notInFile(deployment));
}

function notInFile(deployment: string): string {
  return `${deployment} runs and is not in the stack file`;
}

/** Where the pods that run are not those that a service's config says, a sentence each. */
export function comparePods(service: Service, live: Live): string[] {
  return service.versions.flatMap((version) =>
    compareVersion(service, version, live.deployments.get(version.deployment)),
  );
}

/**
 * Deployments of versions that the stack file does not name (any more). Whose they are their pods say: a name may begin
 * with that of another service.
 */
function leftOver({ name, versions }: Service, { deployments }: Live): VersionStatus[] {
  const named = new Set(versions.map((version) => version.deployment));
  return [...deployments]
    .filter(([deployment, { labels }]) => !named.has(deployment) && labels["app"] === name)
    .map(([deployment, live]) => ({ version: deployment.slice(name.length + 1) || undefined, deployment, live }));
}

function compareVersion(service: Service, version: Version, live: LiveDeployment | undefined): string[] {
  const { deployment, image, replicas } = version;
  if (live === undefined) return [`${deployment} does not run`];
  const differences: string[] = [];
  if (live.image !== image) differences.push(`${deployment} runs ${live.image}, the stack file says ${image}`);
  else if (live.fingerprint !== undefined && live.fingerprint !== podFingerprint(service, version)) {
    differences.push(
      `${deployment} runs pods of another config than the stack file's; \`ftgo preview\` shows the difference`,
    );
  }
  if (Object.entries(subsetLabels(version)).some(([label, value]) => live.labels[label] !== value)) {
    differences.push(`${deployment} has pods without the label of their subset: they get no requests`);
  }
  if (typeof replicas === "number" && live.desired !== replicas) {
    differences.push(`${deployment} has ${live.desired} replicas, the stack file says ${replicas}`);
  }
  if (differences.length === 0 && !live.isRolledOut) {
    differences.push(`${deployment} is rolling out, or cannot: not all of its pods are new and ready`);
  }
  return differences;
}

function compareRoute(configured: Audience | undefined, live: Audience | undefined): string[] {
  if (configured === undefined || isDeepStrictEqual(sorted(configured), live && sorted(live))) return [];
  if (live === undefined) return ["there is no route"];
  return [`live: ${describeAudience(live)}; the stack file says: ${describeAudience(configured)}`];
}

function sorted(audience: Audience): unknown {
  return { ...audience, weights: Object.entries(audience.weights).sort() };
}

/** What a cluster is called in a line of text. */
export function describeCluster({ cluster }: Environment): string {
  switch (cluster.kind) {
    case "embedded":
      return "embedded, on this machine";
    case "kubeconfig":
      return `context ${cluster.context}`;
    case "eks":
      return `EKS ${cluster.name}, ${cluster.region}`;
  }
}
