import { z } from "zod";
import { cidrBlock } from "./cidr";
import { absolutePath, headerName, port } from "./values";

const testers = z
  .strictObject({
    header: headerName.default("testuser").describe("Request header that marks a tester."),
    from: z
      .array(cidrBlock)
      .default([])
      .describe("CIDR blocks from which it may come, where a Classic ELB tells. Empty: nobody outside the mesh."),
  })
  .optional()
  .describe("Who may send a tester's header from outside; others get 403 for it. Default: everybody.");

const loadBalancerOptions = {
  type: z
    .enum(["classic", "nlb"])
    .default("classic")
    .describe(
      "Kind of ELB: `classic` speaks HTTP and can log; `nlb` passes TCP through. A change to or from `nlb` makes the Service anew, with another address.",
    ),
  internal: z
    .boolean()
    .default(false)
    .describe("Reachable from inside the VPC only. A change makes the Service anew, with another address."),
  certificateArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/.+$/,
      "use the ARN of an ACM certificate, arn:aws:acm:<region>:<account>:certificate/<id>",
    )
    .optional()
    .describe("ACM certificate with which the ELB ends TLS on port 443. Without one it listens on port 80."),
  tlsPolicy: z
    .string()
    .regex(/^ELBSecurityPolicy-[\w-]+$/, "use the name of an ELB security policy, ELBSecurityPolicy-…")
    .optional()
    .describe("Name of the ELB's TLS policy. Default: the one AWS gives, which allows old TLS versions."),
  sourceRanges: z.array(cidrBlock).default([]).describe("CIDR blocks that may connect. Empty: everybody."),
  idleTimeoutSeconds: z
    .int()
    .min(1)
    .max(6000)
    .optional()
    .describe("An idle connection is closed after this time. Default: 60 s (classic), 350 s (nlb)."),
  crossZone: z.boolean().default(true).describe("Spread requests over the nodes of all zones."),
  drainingSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe("Time that requests in flight get when a node goes. Default: 60 s, or 300 s where it cannot be set."),
  healthCheck: z
    .strictObject({
      path: absolutePath.optional().describe("HTTP path. Default: a TCP connection is enough."),
      intervalSeconds: z.int().min(5).max(300).default(10).describe("Time between two checks of a node."),
    })
    .prefault({})
    .describe("How the ELB decides that a node may get requests."),
  accessLogs: z
    .strictObject({
      bucket: z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
          "use the name of an S3 bucket: lower-case letters, digits, '.' and '-'",
        )
        .describe("S3 bucket; its policy must let ELB write."),
      prefix: z
        .string()
        .regex(/^([^/]|[^/].*[^/])$/, "use a path that neither starts nor ends with '/'")
        .default("ftgo")
        .describe("Folder in the bucket."),
    })
    .optional()
    .describe("Log every request to S3. Classic only."),
};

/** An ELB in front of a service, for both ways in. */
export const loadBalancer = z.strictObject(loadBalancerOptions);
export type LoadBalancerConfig = z.output<typeof loadBalancer>;

/** How a service is reached: `ClusterIP` inside only, `NodePort` on every node, `LoadBalancer` by an ELB that the cloud makes. */
export const expose = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("ClusterIP"),
    port: port.optional().describe("Port of the Service. Default: the container's."),
  }),
  z.strictObject({
    kind: z.literal("NodePort"),
    port: port.default(80).describe("Port of the Service inside the cluster."),
    nodePort: z.int().min(30000).max(32767).default(30000).describe("Port on every node, 30000 to 32767."),
    elb: loadBalancer.optional().describe("An ELB of our own in front of the nodes (EKS only)."),
    testers,
  }),
  z.strictObject({
    kind: z.literal("LoadBalancer"),
    port: port.default(80).describe("Port of the Service and of its ELB. With a certificate give 443."),
    ...loadBalancerOptions,
    testers,
  }),
]);
export type ExposeConfig = z.output<typeof expose>;

/** Options of an ELB that one kind of it cannot honour. */
type LoadBalancerOption = "idleTimeoutSeconds" | "drainingSeconds" | "accessLogs";

/**
 * What an ELB cannot do, with the reason, by who makes it: Kubernetes' cloud controller (`LoadBalancer`) or this program
 * (`NodePort` with `elb`). A Classic ELB can do everything in both cases.
 */
export const nlbCannot: Record<"LoadBalancer" | "NodePort", Partial<Record<LoadBalancerOption, string>>> = {
  LoadBalancer: {
    idleTimeoutSeconds: "Kubernetes leaves an NLB at 350 s",
    drainingSeconds: "Kubernetes leaves an NLB at 300 s",
    accessLogs: "Kubernetes sets up none for an NLB",
  },
  NodePort: { accessLogs: "an NLB logs TLS connections, never requests" },
};
