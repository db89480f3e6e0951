import { homedir } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { cidrBlock } from "./cidr";

/** Types of control-plane log that EKS can write. */
const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;

/** The only numbers of days for which CloudWatch keeps logs, up to a year. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365] as const;

/** EKS add-ons that every cluster gets. */
const addOnNames = [
  "eks-pod-identity-agent",
  "vpc-cni",
  "kube-proxy",
  "coredns",
  "metrics-server",
  "aws-ebs-csi-driver",
] as const;
export type AddOnName = (typeof addOnNames)[number];

const nodes = z.strictObject({
  instanceTypes: z
    .array(z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "use an EC2 instance type such as t3.large"))
    .min(1)
    .default(["t3.large"])
    .describe("EC2 types of the nodes, x86-64. Several for spot: the first that can be had is taken."),
  capacity: z
    .enum(["on-demand", "spot"])
    .default("on-demand")
    .describe("How nodes are bought: `spot` is cheap and can be taken away within two minutes."),
  min: z.int().min(1).max(450).default(2).describe("Fewest nodes."),
  desired: z.int().min(1).max(450).default(2).describe("Number of nodes, from min to max."),
  max: z.int().min(1).max(450).default(4).describe("Most nodes, those that an update adds for a while not counted."),
  diskGiB: z.int().min(20).max(16_384).default(50).describe("Size of a node's encrypted gp3 disk, GiB."),
});

const logs = z.strictObject({
  types: z
    .array(z.enum(logTypes))
    .default(["api", "audit", "authenticator"])
    .describe(
      "Control-plane logs to keep. Empty the list before a destroy: EKS makes the log group again for late events.",
    ),
  retentionDays: z.literal(retentionDays).default(30).describe("Days for which CloudWatch keeps them."),
});

/** An EKS cluster and its network. Defaults suit a staging environment; dev and prod say where they differ. */
const eks = z.strictObject({
  kind: z.literal("eks"),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,38}$/, "use up to 39 lower-case letters, digits and '-'")
    .describe("Name of the cluster. IAM roles are named after it, so it must be the only one of its account."),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "use an AWS region such as eu-central-1")
    .describe("AWS region of everything that this stack makes."),
  zones: z
    .array(z.string().regex(/^[a-f]$/, "use the letter of a zone, a to f"))
    .min(2)
    .max(3)
    .default(["a", "b", "c"])
    .describe(
      "Letters of two or three availability zones of the region. More can be added; volumes and control plane stay in theirs, so none can be taken out.",
    ),
  version: z
    .string()
    .regex(/^1\.\d\d$/, 'use a Kubernetes minor version in quotes, such as "1.36"')
    .default("1.36")
    .describe("Kubernetes minor version, in quotes. It can only go up, by one at a time."),
  upgradePolicy: z
    .enum(["standard", "extended"])
    .default("standard")
    .describe(
      "What happens at the end of standard support: `standard` upgrades by itself, `extended` stays, at a higher price.",
    ),
  admins: z
    .array(
      z
        .string()
        .regex(
          /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/,
          "use the ARN of an IAM role or user, arn:aws:iam::<account>:role/<name>, not that of a session",
        ),
    )
    .min(1)
    .describe("IAM roles and users who administer the cluster. The one that runs Pulumi must be among them."),
  endpoint: z
    .strictObject({
      publicCidrs: z
        .array(cidrBlock)
        .default([])
        .describe("CIDR blocks from which the API server can be reached over the internet. Empty: from the VPC only."),
    })
    .prefault({})
    .describe("Where the API server can be reached."),
  vpcCidr: cidrBlock
    .default("10.0.0.0/16")
    .describe("Addresses of the VPC, /16 to /18. It cannot be changed later; do not overlap what you may peer with."),
  nat: z
    .enum(["single", "perZone"])
    .default("single")
    .describe("NAT gateways: `single` is cheap, `perZone` keeps the other zones' way out when one zone fails."),
  nodes: nodes.prefault({}).describe("The managed node group."),
  logs: logs.prefault({}).describe("Logs of the control plane, in CloudWatch."),
  encryption: z
    .strictObject({
      keyDeletionDays: z.int().min(7).max(30).default(30).describe("Days between a destroy and the end of the key."),
    })
    .optional()
    .describe("Encrypt Kubernetes' data by a KMS key of our own, rotated yearly. Default: a key that AWS owns."),
  deletionProtection: z.boolean().default(false).describe("Refuse to delete the cluster until this is turned off."),
  addOnVersions: z
    .partialRecord(
      z.enum(addOnNames),
      z.string().regex(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/, "use an add-on's version such as v1.20.0-eksbuild.1"),
    )
    .default({})
    .describe(
      "Versions of EKS add-ons; `aws eks describe-addon-versions` lists them. Default: EKS's own when the add-on is made, which a new Kubernetes version does not change: name one then.",
    ),
});

/** The cluster in which everything runs. It is always named here; no kubeconfig of the shell is ever used. */
export const cluster = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("embedded") }).describe("The cluster that `ftgo local start` runs on this machine."),
  z
    .strictObject({
      kind: z.literal("kubeconfig"),
      path: z
        .string()
        .default("~/.kube/config")
        .describe("Kubeconfig file; `~/` is the home folder of who runs this, a relative path is in the checkout."),
      context: z.string().min(1).describe("Context in that file. There is no default on purpose."),
    })
    .describe("A cluster that exists."),
  eks.describe("An EKS cluster that this stack makes."),
]);
export type ClusterConfig = z.output<typeof cluster>;

/** Where a kubeconfig is, as Pulumi's plugin understands its path. */
export function kubeconfigFile({ path }: { readonly path: string }, projectDir: string): string {
  return resolve(projectDir, path.replace(/^~(?=\/)/, homedir()));
}

/** A cluster of kind `eks`, with all defaults applied. */
export type EksConfig = z.output<typeof eks>;
