/** A kubeconfig as that of an EKS cluster comes out of the program: in one line. @param server its URL. @param user @default one of no rights */
export function kubeconfigOf(server: string, user = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "c", user }],
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
    "current-context": "c",
  });
}
