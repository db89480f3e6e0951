import * as pulumi from "@pulumi/pulumi";

export interface KubeconfigArgs {
  clusterName: pulumi.Input<string>;
  region: string;
  /** URL of the API server. */
  endpoint: pulumi.Input<string>;
  /** The cluster's certificate authority, base64. */
  certificateAuthority: pulumi.Input<string>;
}

/** A kubeconfig without credentials: `aws eks get-token` asks for a token by the AWS identity of whoever uses it. */
export function makeKubeconfig({ clusterName, region, endpoint, certificateAuthority }: KubeconfigArgs) {
  const args = ["--region", region, "eks", "get-token", "--cluster-name", clusterName, "--output", "json"];
  const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", command: "aws", args };
  return pulumi.jsonStringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: clusterName, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } },
    ],
    users: [{ name: clusterName, user: { exec } }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: clusterName } }],
    "current-context": clusterName,
  });
}
