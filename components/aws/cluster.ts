import * as pulumi from "@pulumi/pulumi";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import * as eks from "@pulumi/aws/eks";
import * as iam from "@pulumi/aws/iam";
import * as kms from "@pulumi/aws/kms";
import type { EksConfig } from "../config/cluster";
import { addOnsAfterNodes, addOnsBeforeNodes, makeAddOns } from "./add-ons";
import { makeKubeconfig } from "./kubeconfig";
import type { Network } from "./network";
import { makeNodes } from "./nodes";
import { makeRole, partition } from "./roles";

export interface ClusterArgs {
  /** The stack's `ftgo:cluster`, of kind `eks`. */
  config: EksConfig;
  /** Where it runs. */
  network: Pick<Network, "controlSubnetIds" | "privateSubnetIds" | "egress">;
}

/**
 * An EKS cluster: log group, IAM roles, optional KMS key, control plane, access for the administrators, add-ons, and one
 * managed node group over all zones. Access is by EKS access entries alone; who creates the cluster gets none by that.
 */
export class Cluster extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** Known only when the administrators can use it, so nothing in the cluster is made before or outlives their access. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Group that EKS makes and gives to control plane and nodes. */
  readonly clusterSecurityGroupId: pulumi.Output<string>;
  /** Auto Scaling group of each node group. */
  readonly autoscalingGroups: pulumi.Output<string>[];
  /** What must exist before workloads and go after them: access, nodes, and the add-ons that run on nodes. */
  readonly ready: pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: ClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ftgo:aws:Cluster", name, {}, opts);
    const control = this.makeControlPlane();
    const cluster = { config: args.config, resource: control };
    const access = this.admit(control);
    const before = makeAddOns(name, addOnsBeforeNodes, cluster, { parent: this, dependsOn: [] });
    const nodes = makeNodes(`${name}/nodes`, cluster, args.network.privateSubnetIds, {
      parent: this,
      dependsOn: [...before, ...args.network.egress],
    });
    const after = makeAddOns(name, addOnsAfterNodes, cluster, { parent: this, dependsOn: [nodes] });

    this.arn = control.arn;
    this.kubeconfig = this.describeAccess(control, access);
    this.clusterSecurityGroupId = control.vpcConfig.clusterSecurityGroupId;
    this.autoscalingGroups = [autoscalingGroupName(nodes)];
    this.ready = [...access, nodes, ...after];
    this.registerOutputs({ arn: this.arn });
  }

  private makeControlPlane(): eks.Cluster {
    const { config, network } = this.args;
    const { role, attachments } = makeRole(
      `${this.name}/role`,
      {
        physicalName: `${config.name}-cluster`,
        for: "cluster",
        region: config.region,
        policies: ["AmazonEKSClusterPolicy"],
      },
      this,
    );
    const logs = this.makeLogGroup();
    const key = config.encryption && this.makeKey(role, config.encryption.keyDeletionDays);
    return new eks.Cluster(
      `${this.name}/control-plane`,
      {
        name: config.name,
        version: config.version,
        roleArn: role.arn,
        upgradePolicy: { supportType: config.upgradePolicy === "extended" ? "EXTENDED" : "STANDARD" },
        deletionProtection: config.deletionProtection,
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        bootstrapSelfManagedAddons: false,
        vpcConfig: { subnetIds: network.controlSubnetIds, ...endpointAccess(config.endpoint.publicCidrs) },
        encryptionConfig: key && { provider: { keyArn: key.arn }, resources: ["secrets"] },
        enabledClusterLogTypes: config.logs.types,
      },
      {
        parent: this,
        // The engine knows before it begins, and EKS when the rest is gone.
        protect: config.deletionProtection,
        // At a destroy EKS still needs its rights, and the log group must not be made by EKS, which keeps logs for ever.
        dependsOn: [logs, ...attachments, ...(key?.uses ?? [])],
        // EKS keeps the control plane in the zones that it was made in; nodes may use those that came later.
        ignoreChanges: ["vpcConfig.subnetIds"],
      },
    );
  }

  private makeLogGroup(): LogGroup {
    const { config } = this.args;
    return new LogGroup(
      `${this.name}/logs`,
      { name: `/aws/eks/${config.name}/cluster`, retentionInDays: config.logs.retentionDays },
      { parent: this },
    );
  }

  private makeKey(role: iam.Role, deletionWindowInDays: number) {
    const { config } = this.args;
    const name = `${this.name}/key`;
    const description = `Kubernetes data of EKS cluster ${config.name}`;
    const key = new kms.Key(name, { description, enableKeyRotation: true, deletionWindowInDays }, { parent: this });
    new kms.Alias(`${name}/alias`, { name: `alias/${config.name}`, targetKeyId: key.id }, { parent: this });
    const use = new iam.RolePolicy(
      `${name}/use`,
      {
        name: "encrypt-kubernetes-data",
        role: role.name,
        policy: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
              Resource: key.arn,
            },
          ],
        },
      },
      { parent: this },
    );
    return { arn: key.arn, uses: [use] };
  }

  /** Makes every administrator one, and gives what must exist for that. */
  private admit(control: eks.Cluster): eks.AccessPolicyAssociation[] {
    const { admins, region } = this.args.config;
    const policyArn = `arn:${partition(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
    return admins.map((principalArn) => {
      // The ARN from the account on: two accounts can have roles of one name, and the place in the list can change.
      const name = `${this.name}/admin/${principalArn.replace(/^.*?::/, "").replace(":", "/")}`;
      const principal = { clusterName: control.name, principalArn };
      const entry = new eks.AccessEntry(name, principal, { parent: this });
      return new eks.AccessPolicyAssociation(
        `${name}/policy`,
        { ...principal, policyArn, accessScope: { type: "cluster" } },
        { parent: this, dependsOn: [entry] },
      );
    });
  }

  private describeAccess(control: eks.Cluster, access: eks.AccessPolicyAssociation[]): pulumi.Output<string> {
    const { config } = this.args;
    const kubeconfig = makeKubeconfig({
      clusterName: control.name,
      region: config.region,
      endpoint: control.endpoint,
      certificateAuthority: control.certificateAuthority.data,
    });
    const admitted = pulumi.all(access.map((association) => association.id));
    return pulumi.all([kubeconfig, admitted]).apply(([text]) => text);
  }
}

/** The private endpoint is always on: nodes use it. */
function endpointAccess(publicCidrs: string[]) {
  const endpointPublicAccess = publicCidrs.length > 0;
  return {
    endpointPrivateAccess: true,
    endpointPublicAccess,
    publicAccessCidrs: endpointPublicAccess ? publicCidrs : undefined,
  };
}

function autoscalingGroupName(nodes: eks.NodeGroup): pulumi.Output<string> {
  return nodes.resources.apply((made) => {
    const name = made[0]?.autoscalingGroups[0]?.name;
    if (name === undefined) throw new Error("EKS names no Auto Scaling group for the node group; run `pulumi refresh`");
    return name;
  });
}
