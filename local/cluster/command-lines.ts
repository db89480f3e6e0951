import { join, relative } from "node:path";
import type { ProjectPaths } from "../paths";
import { apiServer, bridge, etcdClient, etcdPeer, kubeletPort, podRange, serviceRange } from "./addresses";
import type { Credentials } from "./credentials";
import { internalKubeconfig, kwokConfigFile } from "./layout";

/** One process of the control plane. */
export interface ControlPlaneProcess {
  name: "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kwok";
  args: string[];
  /** Answers 200 when the process does its work. */
  health: string;
}

export function etcd(paths: ProjectPaths): ControlPlaneProcess {
  return {
    name: "etcd",
    health: `${etcdClient}/health`,
    args: [
      `--data-dir=${paths.etcd}`,
      `--listen-client-urls=${etcdClient}`,
      `--advertise-client-urls=${etcdClient}`,
      `--listen-peer-urls=${etcdPeer}`,
      `--initial-advertise-peer-urls=${etcdPeer}`,
      `--initial-cluster=default=${etcdPeer}`,
      // What a killed process has written is safe in the page cache; only a power cut could lose it. Writes are fast for it.
      "--unsafe-no-fsync",
      "--auto-compaction-retention=1h",
      "--log-level=warn",
    ],
  };
}

export function kubeApiServer(credentials: Credentials): ControlPlaneProcess {
  return {
    name: "kube-apiserver",
    health: `https://${apiServer.host}:${apiServer.port}/readyz`,
    args: [
      `--etcd-servers=${etcdClient}`,
      `--bind-address=${apiServer.host}`,
      `--secure-port=${apiServer.port}`,
      `--advertise-address=${bridge.address}`, // there is no default route to find one by
      `--tls-cert-file=${credentials.serverCertificate}`,
      `--tls-private-key-file=${credentials.serverKey}`,
      `--client-ca-file=${credentials.caCertificate}`,
      `--service-account-key-file=${credentials.serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--encryption-provider-config=${credentials.encryption}`,
      "--authorization-mode=RBAC",
      // It gives new nodes a taint that only the node-lifecycle-controller takes away, which does not run.
      "--disable-admission-plugins=TaintNodesByCondition",
      // Webhooks are called at their endpoints: there is no kube-proxy that would make cluster addresses work.
      "--enable-aggregator-routing=true",
      `--service-cluster-ip-range=${serviceRange}`,
      "--allow-privileged=true",
      "--kubelet-preferred-address-types=InternalIP", // there is no DNS for the nodes' names
      "--profiling=false",
    ],
  };
}

export function kubeControllerManager(paths: ProjectPaths, credentials: Credentials): ControlPlaneProcess {
  return {
    name: "kube-controller-manager",
    health: "https://127.0.0.1:10257/healthz",
    args: [
      `--kubeconfig=${internalKubeconfig(paths)}`,
      "--bind-address=127.0.0.1",
      "--leader-elect=false",
      `--service-account-private-key-file=${credentials.serviceAccountKey}`,
      `--root-ca-file=${credentials.caCertificate}`,
      "--use-service-account-credentials=false",
      "--controllers=*,-node-lifecycle-controller", // it would take KWOK's nodes for lost
      "--enable-hostpath-provisioner",
      "--profiling=false",
    ],
  };
}

export function kubeScheduler(paths: ProjectPaths): ControlPlaneProcess {
  return {
    name: "kube-scheduler",
    health: "https://127.0.0.1:10259/healthz",
    args: [
      `--kubeconfig=${internalKubeconfig(paths)}`,
      "--bind-address=127.0.0.1",
      "--leader-elect=false",
      "--profiling=false",
    ],
  };
}

export function kwok(paths: ProjectPaths): ControlPlaneProcess {
  return {
    name: "kwok",
    health: `http://127.0.0.1:${kubeletPort}/healthz`,
    args: [
      `--kubeconfig=${internalKubeconfig(paths)}`,
      `--config=${relative(paths.cluster, kwokConfigFile(paths))}`, // taken for a list, in which a comma would divide it
      "--manage-all-nodes=true",
      "--node-lease-duration-seconds=0",
      `--node-ip=${bridge.address}`,
      `--cidr=${podRange}`,
      `--server-address=0.0.0.0:${kubeletPort}`,
      "--enable-crds=PortForward",
    ],
  };
}

/** All of them, for lists. */
export const controlPlaneNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
] as const;

/** The log of a process. */
export function logFile(paths: ProjectPaths, name: string): string {
  return join(paths.logs, `${name}.log`);
}
