import { join, relative } from "node:path";
import type { ProjectPaths } from "../paths";
import { accessKinds } from "../kubelet/access";
import {
  apiServer,
  clusterRange,
  etcdClient,
  etcdPeer,
  gateway,
  kubeletPort,
  kwokRange,
  nodes,
  serviceRange,
} from "./addresses";
import type { Credentials } from "./credentials";
import { corefile, internalKubeconfig, kwokConfigFile } from "./layout";

/** One process of the control plane. */
export interface ControlPlaneProcess {
  name: (typeof controlPlaneNames | typeof trafficNames)[number];
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
      "--bind-address=0.0.0.0", // pods come by the address that is advertised
      `--secure-port=${apiServer.port}`,
      `--advertise-address=${gateway}`, // there is no default route to find one by
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
      // Webhooks are called at their endpoints, which are there also while no kube-proxy makes cluster addresses work.
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
      // For all controllers together, where elsewhere each has 20 of its own: several rollouts at once would wait for that alone.
      "--kube-api-qps=200",
      "--kube-api-burst=400",
      "--controllers=*,-node-lifecycle-controller", // it would take KWOK's nodes for lost
      "--horizontal-pod-autoscaler-sync-period=5s", // of 15: nobody here has so many that it mattered
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
      `--node-ip=${gateway}`,
      `--cidr=${kwokRange}`,
      `--server-address=0.0.0.0:${kubeletPort}`,
      `--enable-crds=${accessKinds.join()}`,
    ],
  };
}

/** Makes the addresses and node ports of Services work, for all nodes at once: they share a network namespace. */
export function kubeProxy(paths: ProjectPaths): ControlPlaneProcess {
  return {
    name: "kube-proxy",
    health: "http://127.0.0.1:10256/livez",
    args: [
      `--kubeconfig=${internalKubeconfig(paths)}`,
      "--proxy-mode=iptables",
      `--hostname-override=${nodes[0]?.name}`,
      `--cluster-cidr=${clusterRange}`,
      "--healthz-bind-address=127.0.0.1:10256",
      "--metrics-bind-address=127.0.0.1:10249",
      // The limits of connection tracking are the machine's.
      "--conntrack-max-per-core=0",
      "--conntrack-tcp-timeout-established=0s",
      "--conntrack-tcp-timeout-close-wait=0s",
    ],
  };
}

/** The cluster's names, for pods. */
export function coredns(paths: ProjectPaths): ControlPlaneProcess {
  const args = ["-conf", relative(paths.cluster, corefile(paths))];
  return { name: "coredns", health: "http://127.0.0.1:8181/ready", args };
}

/** CoreDNS's configuration file. */
export function corednsConfig(paths: ProjectPaths): string {
  return `.:53 {
  errors
  ready 127.0.0.1:8181
  kubernetes cluster.local {
    kubeconfig ${relative(paths.cluster, internalKubeconfig(paths))}
  }
}
`;
}

/** All of them, for lists. */
export const controlPlaneNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
] as const;
/** What there is beside them where applications run. */
export const trafficNames = ["kube-proxy", "coredns"] as const;

/** The log of a process. */
export function logFile(paths: ProjectPaths, name: string): string {
  return join(paths.logs, `${name}.log`);
}
