import * as pulumi from "@pulumi/pulumi";
import { Attachment } from "@pulumi/aws/autoscaling";
import * as ec2 from "@pulumi/aws/ec2";
import * as elb from "@pulumi/aws/elb";
import * as lb from "@pulumi/aws/lb";
import * as vpc from "@pulumi/aws/vpc";
import type { LoadBalancerConfig } from "../config/expose";
import type { Cluster } from "./cluster";
import { checkTimeoutSeconds, defaults } from "./load-balancer-annotations";
import type { Network } from "./network";

export interface LoadBalancerArgs {
  /** The stack's `expose.elb`. */
  config: LoadBalancerConfig;
  /** Port on every node that leads to the service, 30000 to 32767. */
  nodePort: number;
  network: Pick<Network, "vpcId" | "publicSubnetIds" | "privateSubnetIds">;
  cluster: Pick<Cluster, "clusterSecurityGroupId" | "autoscalingGroups">;
}

/** The front of a load balancer: where clients reach it, and what nodes are registered with. */
interface Front {
  readonly host: pulumi.Output<string>;
  readonly target: { readonly elb: pulumi.Output<string> } | { readonly lbTargetGroupArn: pulumi.Output<string> };
}

// ELB gives its own things names of at most 32 characters and takes 6 of them from us.
const namePrefix = "ftgo-";

/**
 * An ELB of our own in front of a node port: the ELB with a security group, a way through the nodes' security group, and
 * the registration of every node, those that come later too. Health checks go to the node port.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  /** `http://…` or, with a certificate, `https://…`: the ELB's own DNS name. */
  readonly url: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: LoadBalancerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ftgo:aws:LoadBalancer", name, {}, opts);
    const group = this.makeSecurityGroup();
    const passage = this.openNodes(group);
    const front = args.config.type === "nlb" ? this.makeNetworkFront(group) : this.makeClassicFront(group);
    this.registerNodes(front, passage);

    this.url = pulumi.interpolate`${this.secure ? "https" : "http"}://${front.host}`;
    this.registerOutputs({ url: this.url });
  }

  private get secure(): boolean {
    return this.args.config.certificateArn !== undefined;
  }

  /** Port at which clients connect. */
  private get port(): number {
    return this.secure ? 443 : 80;
  }

  private get subnets(): pulumi.Output<string>[] {
    const { config, network } = this.args;
    return config.internal ? network.privateSubnetIds : network.publicSubnetIds;
  }

  /** Who may connect, and that the ELB may connect to nodes alone. */
  private makeSecurityGroup(): ec2.SecurityGroup {
    const { config, network, cluster, nodePort } = this.args;
    const name = `${this.name}/security-group`;
    const group = new ec2.SecurityGroup(
      name,
      { namePrefix, description: `Load balancer before node port ${nodePort}`, vpcId: network.vpcId },
      { parent: this },
    );
    const securityGroupId = group.id;
    const sources = config.sourceRanges.length > 0 ? config.sourceRanges : ["0.0.0.0/0"];
    for (const cidrIpv4 of sources) {
      const rule = { securityGroupId, cidrIpv4, ipProtocol: "tcp", fromPort: this.port, toPort: this.port };
      new vpc.SecurityGroupIngressRule(`${name}/from/${cidrIpv4}`, rule, { parent: this });
    }
    const nodes = { referencedSecurityGroupId: cluster.clusterSecurityGroupId, ...tcp(nodePort) };
    new vpc.SecurityGroupEgressRule(`${name}/to-nodes`, { securityGroupId, ...nodes }, { parent: this });
    return group;
  }

  private openNodes(group: ec2.SecurityGroup): vpc.SecurityGroupIngressRule {
    const { cluster, nodePort } = this.args;
    return new vpc.SecurityGroupIngressRule(
      `${this.name}/nodes/from-load-balancer`,
      {
        securityGroupId: cluster.clusterSecurityGroupId,
        referencedSecurityGroupId: group.id,
        description: `Load balancer to node port ${nodePort}`,
        ...tcp(nodePort),
      },
      { parent: this },
    );
  }

  private makeClassicFront(group: ec2.SecurityGroup): Front {
    const { config, nodePort } = this.args;
    const { path, intervalSeconds } = config.healthCheck;
    const balancer = new elb.LoadBalancer(
      `${this.name}/elb`,
      {
        namePrefix,
        internal: config.internal,
        subnets: this.subnets,
        securityGroups: [group.id],
        listeners: [
          {
            lbPort: this.port,
            lbProtocol: this.secure ? "https" : "http",
            instancePort: nodePort,
            instanceProtocol: "http",
            sslCertificateId: config.certificateArn,
          },
        ],
        healthCheck: {
          target: path === undefined ? `TCP:${nodePort}` : `HTTP:${nodePort}${path}`,
          interval: intervalSeconds,
          timeout: checkTimeoutSeconds(intervalSeconds),
          healthyThreshold: defaults.checks,
          unhealthyThreshold: defaults.checks,
        },
        crossZoneLoadBalancing: config.crossZone,
        idleTimeout: config.idleTimeoutSeconds ?? defaults.idleTimeoutSeconds,
        connectionDraining: true,
        connectionDrainingTimeout: config.drainingSeconds ?? defaults.drainingSeconds,
        accessLogs: config.accessLogs && {
          bucket: config.accessLogs.bucket,
          bucketPrefix: config.accessLogs.prefix,
          interval: defaults.accessLogMinutes,
        },
      },
      { parent: this },
    );
    if (config.tlsPolicy !== undefined) this.useTlsPolicy(balancer, config.tlsPolicy);
    return { host: balancer.dnsName, target: { elb: balancer.id } };
  }

  /** A Classic ELB takes one of AWS's policies by way of a policy of its own. */
  private useTlsPolicy(balancer: elb.LoadBalancer, tlsPolicy: string): void {
    const policy = new elb.LoadBalancerPolicy(
      `${this.name}/elb/tls`,
      {
        loadBalancerName: balancer.name,
        policyName: tlsPolicy,
        policyTypeName: "SSLNegotiationPolicyType",
        policyAttributes: [{ name: "Reference-Security-Policy", value: tlsPolicy }],
      },
      { parent: this },
    );
    new elb.ListenerPolicy(
      `${this.name}/elb/tls/listener`,
      { loadBalancerName: balancer.name, loadBalancerPort: this.port, policyNames: [policy.policyName] },
      { parent: this },
    );
  }

  private makeNetworkFront(group: ec2.SecurityGroup): Front {
    const { config, network, nodePort } = this.args;
    const { path, intervalSeconds } = config.healthCheck;
    const balancer = new lb.LoadBalancer(
      `${this.name}/nlb`,
      {
        namePrefix,
        loadBalancerType: "network",
        internal: config.internal,
        subnets: this.subnets,
        securityGroups: [group.id],
        enableCrossZoneLoadBalancing: config.crossZone,
      },
      { parent: this },
    );
    const nodes = new lb.TargetGroup(
      `${this.name}/nlb/nodes`,
      {
        namePrefix,
        vpcId: network.vpcId,
        targetType: "instance",
        protocol: "TCP",
        port: nodePort,
        deregistrationDelay: config.drainingSeconds ?? defaults.drainingSeconds,
        healthCheck: {
          protocol: path === undefined ? "TCP" : "HTTP",
          path,
          interval: intervalSeconds,
          timeout: checkTimeoutSeconds(intervalSeconds),
          healthyThreshold: defaults.checks,
          unhealthyThreshold: defaults.checks,
        },
      },
      { parent: this },
    );
    new lb.Listener(
      `${this.name}/nlb/listener`,
      {
        loadBalancerArn: balancer.arn,
        port: this.port,
        protocol: this.secure ? "TLS" : "TCP",
        certificateArn: config.certificateArn,
        sslPolicy: config.tlsPolicy,
        tcpIdleTimeoutSeconds: config.idleTimeoutSeconds,
        defaultActions: [{ type: "forward", targetGroupArn: nodes.arn }],
      },
      { parent: this },
    );
    return { host: balancer.dnsName, target: { lbTargetGroupArn: nodes.arn } };
  }

  private registerNodes({ target }: Front, passage: pulumi.Resource): void {
    this.args.cluster.autoscalingGroups.forEach((autoscalingGroupName, index) => {
      const name = `${this.name}/nodes/${index}`;
      new Attachment(name, { autoscalingGroupName, ...target }, { parent: this, dependsOn: [passage] });
    });
  }
}

function tcp(port: number) {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}
