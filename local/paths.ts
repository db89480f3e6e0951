import { join } from "node:path";

/** Where the local stack keeps its state: all of it in `.ftgo/` of the checkout, which git ignores. */
export interface ProjectPaths {
  root: string;
  /** Credentials and address for people and tools on the host (mode 0600). */
  kubeconfig: string;
  /** Holds the URL of the gateway on the host; there only where applications run. */
  gatewayUrl: string;
  passphrase: string;
  backend: string;
  pulumiHome: string;
  /** What kubectl, helm and istioctl would keep in the person's home folder. */
  home: string;
  /** Links to the tools, first in the PATH of `ftgo env`. */
  bin: string;
  charts: string;
  /** Everything of the cluster, mode 0700. */
  cluster: string;
  state: string;
  lock: string;
  credentials: string;
  etcd: string;
  logs: string;
  volumes: string;
  pods: string;
}

export function projectPaths(projectDir: string): ProjectPaths {
  const root = join(projectDir, ".ftgo");
  const cluster = join(root, "cluster");
  return {
    root,
    kubeconfig: join(root, "kubeconfig"),
    gatewayUrl: join(root, "gateway-url"),
    passphrase: join(root, "passphrase"),
    backend: join(root, "backend"),
    pulumiHome: join(root, "pulumi-home"),
    home: join(root, "home"),
    bin: join(root, "bin"),
    charts: join(root, "charts"),
    cluster,
    state: join(cluster, "state.json"),
    lock: join(cluster, "lock"),
    credentials: join(cluster, "credentials"),
    etcd: join(cluster, "etcd"),
    logs: join(cluster, "logs"),
    volumes: join(cluster, "volumes"),
    pods: join(cluster, "pods"),
  };
}
