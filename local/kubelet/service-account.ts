import { join, relative } from "node:path";
import { apiServer, gateway } from "../cluster/addresses";
import { credentialsIn, issueClient } from "../cluster/credentials";
import { kubeconfig } from "../cluster/kubeconfig";
import { writeWhole } from "../files";
import type { ProjectPaths } from "../paths";
import { namespaceOf, type Pod } from "./pod";

/**
 * A kubeconfig by which the API server knows a process as its pod's service account: it has those rights and no more. A
 * container would find a token and the address in files of its own root, which it has none of here.
 * @param folder where it is written
 * @returns its path
 */
export async function accountKubeconfig(pod: Pod, paths: ProjectPaths, folder: string): Promise<string> {
  const namespace = namespaceOf(pod);
  const credentials = credentialsIn(paths.credentials);
  const client = relative(credentials.folder, join(folder, "client"));
  await issueClient(credentials.folder, client, {
    user: `system:serviceaccount:${namespace}:${pod.spec.serviceAccountName ?? "default"}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
  });
  const path = join(folder, "kubeconfig");
  const text = kubeconfig({
    server: `https://${gateway}:${apiServer.port}`,
    caCertificate: credentials.caCertificate,
    certificate: join(folder, "client.crt"),
    key: join(folder, "client.key"),
  });
  writeWhole(path, text);
  return path;
}
