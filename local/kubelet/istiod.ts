import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { ApiClient, ApiObject } from "../cluster/api-client";
import { searchPath, writeWhole } from "../files";
import { poll } from "../wait";
import { namespaceOf } from "./pod";
import type { Launch, ProgramArgs } from "./programs";
import { accountKubeconfig } from "./service-account";

/** Where istiod looks for the mesh's config before it asks the API server. */
const meshFile = "etc/istio/config/mesh";
const chartLimit = 10_000;

type ConfigMap = ApiObject & { data?: Record<string, string> };

/**
 * The real istiod in place of the container of its pod: with the arguments and the environment of the container, and with the
 * rights of the pod's service account, no more.
 *
 * The sidecars here are upstream Envoy, which has none of Istio's own filters: istiod is told not to ask for them.
 */
export async function istiod({ api, paths, tools, pod, args, env, root, signal }: ProgramArgs): Promise<Launch> {
  await followMeshConfig(`/api/v1/namespaces/${namespaceOf(pod)}/configmaps`, env["REVISION"], join(root, meshFile), {
    api,
    signal,
  });
  return {
    command: tools["pilot-discovery"] ?? "",
    args: [...(args.length > 0 ? args : ["discovery"]), `--kubeconfig=${await accountKubeconfig(pod, paths, root)}`],
    env: {
      PATH: searchPath(),
      PILOT_ENABLE_METADATA_EXCHANGE: "false",
      PILOT_ENABLE_ALPN_FILTER: "false",
      ...env,
      KUBECONFIG: "", // the container's is a mounted file that does not exist here
    },
  };
}

/**
 * Keeps istiod's file of the mesh's config what the ConfigMap says, but for the metrics that only Istio's filters can count.
 *
 * It waits, bounded, until the chart's ConfigMaps are there. istiod looks for them once, when it starts, and serves no injector
 * when they are not there yet: that never shows on a real node, which has an image to pull first.
 */
async function followMeshConfig(
  url: string,
  revision: string | undefined,
  file: string,
  { api, signal }: { api: ApiClient; signal: AbortSignal },
): Promise<void> {
  const suffix = revision === undefined || revision === "" || revision === "default" ? "" : `-${revision}`;
  const [mesh, injector] = ["istio", "istio-sidecar-injector"].map((name) => `${name}${suffix}`);
  void api.follow<ConfigMap>(`${url}?fieldSelector=metadata.name=${mesh}`, signal, ([object]) => {
    const config = (parse(object?.data?.["mesh"] ?? "") ?? {}) as { defaultProviders?: { metrics?: unknown } };
    delete config.defaultProviders?.metrics;
    writeWhole(file, stringify(config));
    return Promise.resolve();
  });
  await poll(() => existsSync(file) && api.get(`${url}/${injector}`).catch(() => undefined), chartLimit, 100);
}
