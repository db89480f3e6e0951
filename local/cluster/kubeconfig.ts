import { stringify } from "yaml";
import { encoded } from "./credentials";

/** Name of the cluster, the user and the context: it says in `kubectl config` and in prompts where one is. */
const contextName = "ftgo-local";

// Where the stack's objects are by default, so that the seed's commands work word for word.
const namespace = "ftgo";

export interface KubeconfigArgs {
  /** URL of the API server. */
  server: string;
  /** Paths of PEM files; their content goes into the kubeconfig. */
  caCertificate: string;
  certificate: string;
  key: string;
}

/** The text of a kubeconfig that needs no other file. */
export function kubeconfig(args: KubeconfigArgs): string {
  const name = contextName;
  const cluster = { server: args.server, "certificate-authority-data": encoded(args.caCertificate) };
  const user = { "client-certificate-data": encoded(args.certificate), "client-key-data": encoded(args.key) };
  return stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name, namespace } }],
      "current-context": name,
    },
    { lineWidth: 0 },
  );
}
