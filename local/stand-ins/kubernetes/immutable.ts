import type { Gvk } from "./resource-type";
import { field } from "./wire";
import type { Fields } from "./wire";

/** Which changes of data replace an object, as the provider's configuration says. */
export interface Mutability {
  /** ConfigMaps are updated in place unless they are marked immutable. Default: false, they are replaced. */
  configMaps: boolean;
  /** The same for Secrets. */
  secrets: boolean;
}

const always = ["metadata.name", "metadata.namespace"];

const podFields = [
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID",
  "hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates",
  "restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName",
  "shareProcessNamespace subdomain terminationGracePeriodSeconds volumes containers initContainers",
];

const volumeSources = [
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs",
  "hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume",
];

/** Fields of which a change means another object, by group and kind, with the official provider's choice of them. */
const immutable: Record<string, string[]> = {
  "apps/Deployment": ["spec.selector"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/StatefulSet": prefixed("spec.", [
    "podManagementPolicy revisionHistoryLimit selector serviceName volumeClaimTemplates",
  ]),
  "batch/Job": prefixed("spec.", ["completions parallelism selector template"]),
  "/PersistentVolume": prefixed("spec.", volumeSources),
  "/PersistentVolumeClaim": prefixed("spec.", ["accessModes selector storageClassName volumeName"]),
  "/Pod": prefixed("spec.", podFields),
  "/ResourceQuota": ["spec.scopes"],
  "/Secret": ["type"],
  "/Service": ["spec.clusterIP"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/** Paths of which a change, or a change of anything below them, replaces the object. */
export function replacingPaths(gvk: Gvk, inputs: Fields, mutability: Mutability): string[] {
  const group = gvk.apiVersion.includes("/") ? gvk.apiVersion.slice(0, gvk.apiVersion.indexOf("/")) : "";
  const key = `${group}/${gvk.kind}`;
  const marked = field(inputs, "immutable") === true;
  const data: string[] = [];
  if (key === "/ConfigMap" && (marked || !mutability.configMaps)) data.push("data", "binaryData");
  if (key === "/Secret" && (marked || !mutability.secrets)) data.push("data", "stringData");
  return [...always, ...(immutable[key] ?? []), ...data];
}

function prefixed(prefix: string, lines: string[]): string[] {
  return lines.flatMap((line) => line.split(" ")).map((name) => prefix + name);
}
