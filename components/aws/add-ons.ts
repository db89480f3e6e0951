import type * as pulumi from "@pulumi/pulumi";
import * as eks from "@pulumi/aws/eks";
import type { AddOnName, EksConfig } from "../config/cluster";
import { makeRole } from "./roles";

/** What an add-on needs besides its name. */
interface AddOn {
  readonly name: AddOnName;
  /** Settings in the add-on's own schema. */
  readonly settings?: object;
  /** AWS rights of its pods, by EKS Pod Identity. */
  readonly identity?: { readonly role: string; readonly serviceAccount: string; readonly policy: string };
}

/** Add-ons that a node needs to become ready. They are DaemonSets, which are active with no node. */
export const addOnsBeforeNodes: readonly AddOn[] = [
  { name: "eks-pod-identity-agent" },
  { name: "kube-proxy" },
  {
    name: "vpc-cni",
    // Whole address ranges per node: more pods on one, and fewer calls to EC2.
    settings: { enableNetworkPolicy: "true", env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" } },
    identity: { role: "cni", serviceAccount: "aws-node", policy: "AmazonEKS_CNI_Policy" },
  },
];

/** Add-ons with pods of their own: without a node they would stay degraded for 20 minutes and fail. */
export const addOnsAfterNodes: readonly AddOn[] = [
  { name: "coredns" },
  { name: "metrics-server" },
  {
    name: "aws-ebs-csi-driver",
    identity: {
      role: "ebs-csi",
      serviceAccount: "ebs-csi-controller-sa",
      policy: "service-role/AmazonEBSCSIDriverPolicy",
    },
  },
];

/** Makes add-ons as children `<name>/<add-on>` of `parent`, with the roles of their pods. */
export function makeAddOns(
  name: string,
  addOns: readonly AddOn[],
  cluster: { readonly config: EksConfig; readonly resource: eks.Cluster },
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): eks.Addon[] {
  const { config, resource } = cluster;
  return addOns.map(({ name: addonName, settings, identity }) => {
    const pod =
      identity &&
      makeRole(
        `${name}/${addonName}/role`,
        {
          physicalName: `${config.name}-${identity.role}`,
          for: "pod",
          region: config.region,
          policies: [identity.policy],
        },
        opts.parent,
      );
    return new eks.Addon(
      `${name}/${addonName}`,
      {
        clusterName: resource.name,
        addonName,
        addonVersion: config.addOnVersions[addonName],
        configurationValues: settings && JSON.stringify(settings),
        podIdentityAssociations: pod &&
          identity && [{ roleArn: pod.role.arn, serviceAccount: identity.serviceAccount }],
        // A new cluster is EKS's to fill; what someone has changed since then stays.
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "PRESERVE",
      },
      { parent: opts.parent, dependsOn: [...opts.dependsOn, ...(pod?.attachments ?? [])] },
    );
  });
}
