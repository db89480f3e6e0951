import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { awsProvider, Cluster, Network } from "./aws";
import type { ClusterAccess } from "./cluster-access";
import { type ClusterConfig, kubeconfigFile } from "./config";
import { takenBack } from "./kubernetes";

/** The cluster that everything runs in, and the way to it. */
export interface Platform {
  readonly kubernetes: k8s.Provider;
  /** The same cluster, for who has to ask it for more than a provider can. */
  readonly access: pulumi.Output<ClusterAccess>;
  /** Only where this stack makes the cluster. */
  readonly eks?: { readonly cluster: Cluster; readonly network: Network; readonly aws: pulumi.ProviderResource };
}

// Names are fixed, so objects are changed in place: a Secret that is deleted and made again is missing in between. An object
// that is there already is taken over, since an engine that was killed has made some that its state does not know: releases of
// the provider from 4.29 on need `upsertExistingObjects` for that.
const inPlace = { enableConfigMapMutable: true, enableSecretMutable: true };

// The SDK's own defaults, said here because it takes what is not said from PULUMI_K8S_ variables: one person's shell would
// change what is in a stack that others work on too, and could forget objects while their cluster is away.
const defaults = {
  deleteUnreachable: false,
  enableServerSideApply: true,
  skipUpdateUnreachable: false,
  suppressDeprecationWarnings: false,
  suppressHelmHookWarnings: false,
};
const behaviour = { ...defaults, ...inPlace };

/**
 * The cluster that config names, made if need be, and a provider for it alone.
 * @param from.projectDir the checkout, whose embedded cluster is meant by kind `embedded`
 * @param from.env of the commands that give credentials. @default that of this process
 */
export function connect(
  config: ClusterConfig,
  { projectDir, env }: { readonly projectDir: string; readonly env?: Readonly<NodeJS.ProcessEnv> },
): Platform {
  switch (config.kind) {
    case "embedded": {
      const path = join(projectDir, ".ftgo/kubeconfig");
      return {
        kubernetes: new k8s.Provider("kubernetes", { kubeconfig: path, clusterIdentifier: "embedded", ...behaviour }),
        access: pulumi.output({ path }),
      };
    }
    case "kubeconfig": {
      const { path, context } = config;
      const way = { kubeconfig: path, context, clusterIdentifier: context };
      return {
        // A context may get another name: by that alone the plugin would make everything anew. Another cluster is another stack.
        kubernetes: new k8s.Provider("kubernetes", { ...way, ...behaviour }, { ignoreChanges: ["clusterIdentifier"] }),
        access: pulumi.output({ path: kubeconfigFile(config, projectDir), context, env }),
      };
    }
    case "eks": {
      const { region, zones, vpcCidr, nat, name: clusterName } = config;
      const aws = awsProvider(region);
      const network = new Network("network", { region, zones, vpcCidr, nat, clusterName }, { provider: aws });
      const cluster = new Cluster("cluster", { config, network }, { provider: aws });
      // After the cluster's nodes, add-ons and access, and so every object in it is, both ways.
      const kubernetes = new k8s.Provider(
        "kubernetes",
        { kubeconfig: cluster.kubeconfig, clusterIdentifier: cluster.arn, ...behaviour },
        { dependsOn: cluster.ready },
      );
      makeStorageClass(kubernetes);
      const access = cluster.kubeconfig.apply((content) => ({ content, env }));
      return { kubernetes, access, eks: { cluster, network, aws } };
    }
  }
}

/** For claims that name no class: EKS has no default, and the class that the driver would bring does not encrypt. */
function makeStorageClass(provider: k8s.Provider): void {
  const annotations = { ...takenBack, "storageclass.kubernetes.io/is-default-class": "true" };
  new k8s.storage.v1.StorageClass(
    "storage",
    {
      metadata: { name: "ftgo-encrypted", annotations },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      // In the zone of the pod.
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
    { provider },
  );
}
