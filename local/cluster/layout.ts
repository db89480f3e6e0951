import { join } from "node:path";
import type { ProjectPaths } from "../paths";

/** Credentials and address for processes inside the namespace. */
export function internalKubeconfig(paths: ProjectPaths): string {
  return join(paths.cluster, "kubeconfig");
}

export function kwokConfigFile(paths: ProjectPaths): string {
  return join(paths.cluster, "kwok.yaml");
}

export function corefile(paths: ProjectPaths): string {
  return join(paths.cluster, "Corefile");
}
