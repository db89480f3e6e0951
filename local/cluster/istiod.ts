import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { searchPath, writeWhole } from "../files";
import type { ProjectPaths } from "../paths";
import { poll } from "../wait";
import { apiServer } from "./addresses";
import type { ApiClient } from "./api-client";
import { logFile } from "./command-lines";
import { credentialsIn, issueClient } from "./credentials";
import { kubeconfig } from "./kubeconfig";
import type { ManagedProcessArgs } from "./managed-process";
import type { Pod } from "./pod";
import { environmentOf } from "./pod";
import { programOf } from "./pod-process-table";
import type { PodProcessesArgs } from "./pod-processes";

const chartLimit = 10_000;

/**
 * The real istiod in place of the container of its pod: with the arguments and the environment of the container, at the pod's
 * address, and with the rights of the pod's service account, no more. It reads mesh config and injection template from the API.
 */
export async function istiod(pod: Pod, { api, paths, tools }: PodProcessesArgs): Promise<ManagedProcessArgs> {
  const { name, namespace = "default" } = pod.metadata;
  const address = pod.status.podIP ?? "";
  const container = pod.spec.containers.find(({ image }) => programOf(image) === "pilot");
  const command = tools["pilot-discovery"];
  if (!container || !command) throw new Error(`nothing to run for ${namespace}/${name}`);
  const environment = environmentOf(container, pod);
  await configMapsOf(environment["REVISION"], namespace, api);
  const folder = podFolder(paths, pod);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    name,
    command,
    cwd: folder,
    log: logFile(paths, name),
    health: `http://${address}:8080/ready`,
    args: [
      ...(container.args ?? ["discovery"]),
      `--kubeconfig=${await writeKubeconfig(pod, paths, folder)}`,
      // The usual ports, on this pod's address alone: there may be a second istiod.
      `--httpAddr=${address}:8080`,
      `--httpsAddr=${address}:15017`,
      `--grpcAddr=${address}:15010`,
      `--secureGRPCAddr=${address}:15012`,
      `--monitoringAddr=${address}:15014`,
      `--ctrlz_address=${address}`,
    ],
    env: {
      PATH: searchPath(),
      HOME: folder,
      // The sidecars here are upstream Envoy, which has none of Istio's own filters.
      PILOT_ENABLE_METADATA_EXCHANGE: "false",
      PILOT_ENABLE_ALPN_FILTER: "false",
      ...environment,
      KUBECONFIG: "", // the container's is a mounted file that does not exist here
    },
  };
}

/**
 * Waits, bounded, for the chart's ConfigMaps. istiod looks for them once, when it starts, and serves no injector when they are
 * not there yet: that never shows on a real node, which has an image to pull first.
 */
async function configMapsOf(revision: string | undefined, namespace: string, api: ApiClient): Promise<void> {
  const suffix = revision === undefined || revision === "" || revision === "default" ? "" : `-${revision}`;
  const urls = ["istio", "istio-sidecar-injector"].map(
    (name) => `/api/v1/namespaces/${namespace}/configmaps/${name}${suffix}`,
  );
  const all = () => Promise.all(urls.map((url) => api.get(url)));
  await poll(() => all().catch(() => undefined), chartLimit, 100);
}

/** Where the process of a pod runs; it goes with the process. */
export function podFolder(paths: ProjectPaths, { metadata }: Pod): string {
  return join(paths.pods, `${metadata.namespace ?? "default"}_${metadata.name}`);
}

/** A kubeconfig by which the API server knows the process as the pod's service account. */
async function writeKubeconfig(pod: Pod, paths: ProjectPaths, folder: string): Promise<string> {
  const { namespace = "default" } = pod.metadata;
  const credentials = credentialsIn(paths.credentials);
  const client = relative(credentials.folder, join(folder, "client"));
  await issueClient(credentials.folder, client, {
    user: `system:serviceaccount:${namespace}:${pod.spec.serviceAccountName ?? "default"}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
  });
  const path = join(folder, "kubeconfig");
  const text = kubeconfig({
    server: `https://${apiServer.host}:${apiServer.port}`,
    caCertificate: credentials.caCertificate,
    certificate: join(folder, "client.crt"),
    key: join(folder, "client.key"),
  });
  writeWhole(path, text);
  return path;
}
