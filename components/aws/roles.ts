import type * as pulumi from "@pulumi/pulumi";
import * as iam from "@pulumi/aws/iam";

/** Who may take a role: control plane, node, or a pod by EKS Pod Identity. */
const trusted = {
  cluster: { service: "eks.amazonaws.com", actions: ["sts:AssumeRole"] },
  node: { service: "ec2.amazonaws.com", actions: ["sts:AssumeRole"] },
  pod: { service: "pods.eks.amazonaws.com", actions: ["sts:AssumeRole", "sts:TagSession"] },
};

export interface RoleArgs {
  /** Name in IAM, unique in the account. */
  physicalName: string;
  /** Who takes it. */
  for: keyof typeof trusted;
  region: string;
  /** Names of AWS-managed policies, with their path, such as `service-role/AmazonEBSCSIDriverPolicy`. */
  policies: readonly string[];
}

/** A role and its policies. Depend on `attachments` too: without them the role can do nothing, at a destroy as well. */
export interface AttachedRole {
  readonly role: iam.Role;
  readonly attachments: iam.RolePolicyAttachment[];
}

/** Makes an IAM role with AWS-managed policies: children `<name>` and `<name>/<policy>` of `parent`. */
export function makeRole(name: string, args: RoleArgs, parent: pulumi.Resource): AttachedRole {
  const { service, actions } = trusted[args.for];
  const role = new iam.Role(
    name,
    {
      name: args.physicalName,
      assumeRolePolicy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: actions, Principal: { Service: service } }],
      },
    },
    { parent },
  );
  const attachments = args.policies.map(
    (policy) =>
      new iam.RolePolicyAttachment(
        `${name}/${policy.replace(/^.*\//, "")}`,
        { role: role.name, policyArn: `arn:${partition(args.region)}:iam::aws:policy/${policy}` },
        { parent },
      ),
  );
  return { role, attachments };
}

/** The part of AWS that a region belongs to, as ARNs name it. */
export function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
