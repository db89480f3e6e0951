import type * as pulumi from "@pulumi/pulumi";
import * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import type { EksConfig } from "../config/cluster";
import { standardTags } from "./provider";
import { makeRole } from "./roles";

/** AMI of the nodes: Amazon Linux 2023, x86-64. */
const amiType = "AL2023_x86_64_STANDARD";

/**
 * Makes the managed node group, its launch template and its role, as children `<name>` and `<name>/…` of `parent`.
 * @param subnetIds private subnets, one per zone
 */
export function makeNodes(
  name: string,
  cluster: { readonly config: EksConfig; readonly resource: eks.Cluster },
  subnetIds: pulumi.Input<string>[],
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): eks.NodeGroup {
  const { config, resource } = cluster;
  const { nodes } = config;
  const { role, attachments } = makeRole(
    `${name}/role`,
    {
      physicalName: `${config.name}-node`,
      for: "node",
      region: config.region,
      // Not the CNI's policy: its pods have an identity of their own.
      policies: ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
    },
    opts.parent,
  );
  const template = makeLaunchTemplate(`${name}/template`, config, opts.parent);
  return new eks.NodeGroup(
    name,
    {
      clusterName: resource.name,
      // A prefix, so that a group that must be replaced has its successor before it goes.
      nodeGroupNamePrefix: "nodes-",
      version: resource.version,
      nodeRoleArn: role.arn,
      subnetIds,
      amiType,
      capacityType: nodes.capacity === "spot" ? "SPOT" : "ON_DEMAND",
      instanceTypes: nodes.instanceTypes,
      scalingConfig: { minSize: nodes.min, desiredSize: nodes.desired, maxSize: nodes.max },
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      // New nodes first; of a small group at least one node may be away.
      updateConfig: { maxUnavailablePercentage: 33, updateStrategy: "DEFAULT" },
      nodeRepairConfig: { enabled: true },
    },
    { parent: opts.parent, dependsOn: [...opts.dependsOn, ...attachments] },
  );
}

function makeLaunchTemplate(name: string, config: EksConfig, parent: pulumi.Resource): ec2.LaunchTemplate {
  // A provider's default tags do not reach what a template makes.
  const tags = { ...standardTags(), Name: `${config.name}-node` };
  return new ec2.LaunchTemplate(
    name,
    {
      name: `${config.name}-node`,
      // No security groups: with any of its own a node would not get the cluster's.
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: config.nodes.diskGiB, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
    },
    { parent },
  );
}
