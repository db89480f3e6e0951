import type * as k8s from "@pulumi/kubernetes";
import { contentHash, fileKey, type Service, type Version } from "../config";
import { restricted, tmp } from "../kubernetes";
import type { ContainerConfig, PlacementConfig, ProbeConfig, VolumeConfig } from "../config/service";

type Container = k8s.types.input.core.v1.Container;
type PodSpec = k8s.types.input.core.v1.PodSpec;
type Volume = k8s.types.input.core.v1.Volume;
type VolumeMount = k8s.types.input.core.v1.VolumeMount;

// Another content is another ConfigMap: pods that are started again, and those of a revision that is gone back to, get the
// content that they came with.
/** Name of the ConfigMap whose keys become environment variables. */
export const envMapName = ({ name, config }: Service) => `${name}-env-${contentHash(config.env).slice(0, 8)}`;
/** Name of the ConfigMap whose keys become files. */
export const fileMapName = ({ name, config }: Service) => `${name}-files-${contentHash(config.files).slice(0, 8)}`;

/** The labels that the Deployment selects its pods by: `app`, and `version` where there are several. */
export function podLabels(service: Service, version: Version): Record<string, string> {
  return { app: service.name, ...(version.version !== undefined && { version: version.version }) };
}

/** The pod of one version: the service's own container, its helpers, and where they may run. */
export function podSpec(service: Service, version: Version, env: readonly EnvVar[]): PodSpec {
  const configured = Object.keys(service.config.env).length > 0;
  return {
    serviceAccountName: service.name,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: service.stop.graceSeconds,
    // Restricted, by Kubernetes' Pod Security Standards. A number, because the kubelet cannot check a user's name.
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    imagePullSecrets: service.imagePullSecrets.map((name) => ({ name })),
    initContainers: Object.entries(service.initContainers).map(([name, helper]) => helperContainer(name, helper)),
    containers: [
      {
        name: service.name,
        image: version.image,
        imagePullPolicy: version.imagePullPolicy,
        ports: [{ name: "httpport", containerPort: service.port }],
        env: [
          ...Object.entries(version.env).map(([name, value]) => ({ name, value })),
          ...env.filter(({ name }) => !Object.hasOwn(version.env, name)),
        ],
        ...(configured && { envFrom: [{ configMapRef: { name: envMapName(service) } }] }),
        resources: service.resources,
        livenessProbe: httpProbe(service.probes.liveness, service.port),
        readinessProbe: httpProbe(service.probes.readiness, service.port),
        // A pod leaves the endpoints and gets SIGTERM at the same moment; callers hear of it a moment later.
        lifecycle: { preStop: { sleep: { seconds: service.stop.drainSeconds } } },
        securityContext: restricted,
        // The JVM and Tomcat write there.
        volumeMounts: [tmp.mount, ...fileMounts(service), ...service.mounts.map(toMount)],
      },
      ...Object.entries(service.sidecars).map(([name, helper]) => helperContainer(name, helper)),
    ],
    volumes: [
      tmp.volume,
      ...(Object.keys(service.config.files).length > 0
        ? [{ name: "config-files", configMap: { name: fileMapName(service) } }]
        : []),
      ...Object.entries(service.volumes).map(([name, volume]) => toVolume(name, volume)),
    ],
    affinity: affinity(service.placement),
    topologySpreadConstraints: spread(service, version),
  };
}

/** An environment variable whose value is known only later, or stands in a Secret. */
export type EnvVar = k8s.types.input.core.v1.EnvVar & { readonly name: string };

function httpProbe({ path, ...numbers }: ProbeConfig, port: number) {
  return { httpGet: { path, port }, ...numbers };
}

function helperContainer(name: string, helper: ContainerConfig): Container {
  return {
    name,
    image: helper.image,
    ...(helper.command && { command: helper.command }),
    ...(helper.args && { args: helper.args }),
    env: Object.entries(helper.env).map(([key, value]) => ({ name: key, value })),
    resources: helper.resources,
    securityContext: restricted,
    volumeMounts: helper.mounts.map(toMount),
  };
}

function toMount({ volume, path, readOnly }: Service["mounts"][number]): VolumeMount {
  return { name: volume, mountPath: path, readOnly };
}

function fileMounts({ config }: Service): VolumeMount[] {
  return Object.keys(config.files).map((path) => ({
    name: "config-files",
    mountPath: path,
    subPath: fileKey(path),
    readOnly: true,
  }));
}

function toVolume(name: string, volume: VolumeConfig): Volume {
  if ("emptyDir" in volume) return { name, emptyDir: volume.emptyDir };
  if ("configMap" in volume) return { name, configMap: volume.configMap };
  if ("secret" in volume) return { name, secret: { secretName: volume.secret.name } };
  return { name, persistentVolumeClaim: { claimName: volume.claim.name } };
}

const onNode = "kubernetes.io/hostname";

function affinity({ near, apart }: PlacementConfig): k8s.types.input.core.v1.Affinity {
  return { podAffinity: terms(near), podAntiAffinity: terms(apart) };
}

function terms(services: Record<string, "required" | "preferred">) {
  const term = (app: string) => ({ topologyKey: onNode, labelSelector: { matchLabels: { app } } });
  const named = (strength: string) => Object.keys(services).filter((app) => services[app] === strength);
  return {
    requiredDuringSchedulingIgnoredDuringExecution: named("required").map(term),
    preferredDuringSchedulingIgnoredDuringExecution: named("preferred").map((app) => ({
      weight: 100,
      podAffinityTerm: term(app),
    })),
  };
}

function spread(service: Service, version: Version) {
  const labelSelector = { matchLabels: podLabels(service, version) };
  const { nodes, zones } = service.placement.spread;
  const over = { [onNode]: nodes, "topology.kubernetes.io/zone": zones };
  return Object.entries(over).map(([topologyKey, strength]) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: strength === "required" ? "DoNotSchedule" : "ScheduleAnyway",
    labelSelector,
    // Old and new pods of a rolling update are counted apart, or the old ones would push the new ones together.
    matchLabelKeys: ["pod-template-hash"],
  }));
}
