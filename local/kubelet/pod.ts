import type { ApiObject } from "../cluster/api-client";

/** What the kubelet's stand-in looks at in a pod. */
export interface Pod extends ApiObject {
  metadata: ApiObject["metadata"] & { labels?: Record<string, string>; deletionGracePeriodSeconds?: number };
  spec: {
    serviceAccountName?: string;
    nodeName?: string;
    initContainers?: Container[];
    containers: Container[];
    volumes?: Volume[];
    readinessGates?: { conditionType: string }[];
    securityContext?: { runAsUser?: number; runAsGroup?: number };
    terminationGracePeriodSeconds?: number;
  };
  status: {
    phase?: string;
    podIP?: string;
    hostIP?: string;
    startTime?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  ports?: { name?: string; containerPort: number }[];
  env?: EnvVar[];
  envFrom?: { prefix?: string; configMapRef?: Reference; secretRef?: Reference }[];
  volumeMounts?: { name: string; mountPath: string; subPath?: string }[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { postStart?: Handler; preStop?: Handler };
  /** "Always" makes a sidecar of an init container. */
  restartPolicy?: string;
  securityContext?: { runAsUser?: number; runAsGroup?: number };
}

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: {
    fieldRef?: { fieldPath: string };
    resourceFieldRef?: { resource: string };
    configMapKeyRef?: KeyReference;
    secretKeyRef?: KeyReference;
  };
}

export interface Reference {
  name: string;
  optional?: boolean;
}
export interface KeyReference extends Reference {
  key: string;
}

export interface Items {
  items?: { key: string; path: string }[];
  optional?: boolean;
}
type DownwardItems = { path: string; fieldRef?: { fieldPath: string } }[];

/** A source of files; exactly one of them is there. What is none of these is an empty folder. */
export interface Volume {
  name: string;
  configMap?: Items & { name: string };
  secret?: Items & { secretName: string };
  downwardAPI?: { items?: DownwardItems };
  projected?: {
    sources?: {
      configMap?: Items & { name: string };
      secret?: Items & { name: string };
      downwardAPI?: { items?: DownwardItems };
      serviceAccountToken?: { path: string; audience?: string; expirationSeconds?: number };
    }[];
  };
}

/** What a hook or a probe does; one of them is there. */
export interface Handler {
  exec?: { command: string[] };
  httpGet?: { path?: string; port: number | string };
  tcpSocket?: { port: number | string };
  sleep?: { seconds: number };
}

/** Times in seconds. */
export interface Probe extends Handler {
  initialDelaySeconds?: number;
  periodSeconds?: number;
  timeoutSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string | null;
  message?: string | null;
  lastTransitionTime?: string;
}

export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: ContainerState;
  lastState?: ContainerState;
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; signal?: number; reason: string; startedAt: string; finishedAt: string };
}

/** An init container that goes on beside the others. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

export function namespaceOf({ metadata }: Pod): string {
  return metadata.namespace ?? "default";
}

export function podUrl(pod: Pod): string {
  return `/api/v1/namespaces/${namespaceOf(pod)}/pods/${pod.metadata.name}`;
}

/** A field of a pod by its path, as the downward API knows it: `metadata.labels['app']`. */
export function fieldOf(pod: Pod, path: string): string | undefined {
  const { metadata, spec, status } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (map !== undefined && key !== undefined) return metadata[map as "labels" | "annotations"]?.[key] ?? "";
  const lines = (entries: Record<string, string> = {}) =>
    Object.entries(entries)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join("\n");
  const fields: Record<string, string | undefined> = {
    "metadata.name": metadata.name,
    "metadata.namespace": namespaceOf(pod),
    "metadata.uid": metadata.uid,
    "metadata.labels": lines(metadata.labels),
    "metadata.annotations": lines(metadata.annotations),
    "spec.serviceAccountName": spec.serviceAccountName,
    "spec.nodeName": spec.nodeName,
    "status.podIP": status.podIP,
    "status.podIPs": status.podIP,
    "status.hostIP": status.hostIP,
  };
  return fields[path];
}
