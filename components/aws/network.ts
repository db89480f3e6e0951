import * as pulumi from "@pulumi/pulumi";
import * as ec2 from "@pulumi/aws/ec2";
import { zoneSubnets, type ZoneSubnets } from "./subnets";

export interface NetworkArgs {
  /** AWS region, such as `eu-central-1`. */
  region: string;
  /** Letters of the zones, such as `["a", "b"]`. */
  zones: readonly string[];
  /** CIDR block of the VPC, /16 to /18. */
  vpcCidr: string;
  /** `single`: one NAT gateway, in the first zone; `perZone`: one in each. */
  nat: "single" | "perZone";
  /** Name of the cluster whose load balancers may use the subnets. */
  clusterName: string;
}

/** What one zone has, once made. */
interface Zone {
  readonly letter: string;
  readonly cidrs: ZoneSubnets;
  readonly publicSubnet: ec2.Subnet;
  readonly privateSubnet: ec2.Subnet;
  readonly controlSubnet: ec2.Subnet;
}

/**
 * A VPC over several availability zones. Per zone it makes a public subnet (load balancers, NAT), a private one (nodes)
 * and a small one for the control plane's network interfaces; besides an internet gateway, NAT gateways with their
 * addresses, route tables, and a free gateway endpoint that keeps S3 traffic off the NAT gateways.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** One per zone. Load balancers that face the internet. */
  readonly publicSubnetIds: pulumi.Output<string>[];
  /** One per zone. Nodes, and load balancers that do not face the internet. */
  readonly privateSubnetIds: pulumi.Output<string>[];
  /** One per zone. The control plane's network interfaces. */
  readonly controlSubnetIds: pulumi.Output<string>[];
  /** The way out of the private subnets. Nodes cannot join before it exists, nor leave in order after it has gone. */
  readonly egress: pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: NetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ftgo:aws:Network", name, {}, opts);
    const vpc = this.makeVpc();
    const zones = args.zones.map((letter) => this.makeZone(vpc, letter));
    const toInternet = this.routePublicSubnets(vpc, zones);
    const gateways = this.makeNatGateways(zones, toInternet);
    const tables = this.routePrivateSubnets(vpc, zones, gateways);
    this.makeS3Endpoint(vpc, tables.ids);

    this.vpcId = vpc.id;
    this.publicSubnetIds = zones.map((zone) => zone.publicSubnet.id);
    this.privateSubnetIds = zones.map((zone) => zone.privateSubnet.id);
    this.controlSubnetIds = zones.map((zone) => zone.controlSubnet.id);
    this.egress = tables.egress;
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private makeVpc(): ec2.Vpc {
    // EKS needs both DNS switches: nodes find the private endpoint by its name.
    const dns = { enableDnsHostnames: true, enableDnsSupport: true };
    const tags = { Name: this.args.clusterName };
    return new ec2.Vpc(`${this.name}/vpc`, { cidrBlock: this.args.vpcCidr, ...dns, tags }, { parent: this });
  }

  private makeZone(vpc: ec2.Vpc, letter: string): Zone {
    const cidrs = zoneSubnets(this.args.vpcCidr, letter);
    const subnet = (kind: keyof ZoneSubnets, tags: Record<string, string>) =>
      new ec2.Subnet(
        `${this.name}/${kind}/${letter}`,
        {
          vpcId: vpc.id,
          cidrBlock: cidrs[kind],
          availabilityZone: this.args.region + letter,
          tags: { Name: `${this.args.clusterName}-${kind}-${letter}`, ...tags },
        },
        { parent: this },
      );
    const ofCluster = { [`kubernetes.io/cluster/${this.args.clusterName}`]: "shared" };
    return {
      letter,
      cidrs,
      publicSubnet: subnet("public", { "kubernetes.io/role/elb": "1", ...ofCluster }),
      privateSubnet: subnet("private", { "kubernetes.io/role/internal-elb": "1", ...ofCluster }),
      // No tags for load balancers, and only the VPC's main route table, which leads nowhere else.
      controlSubnet: subnet("control", {}),
    };
  }

  private routePublicSubnets(vpc: ec2.Vpc, zones: Zone[]): ec2.Route {
    const { clusterName } = this.args;
    const gateway = new ec2.InternetGateway(
      `${this.name}/internet`,
      { vpcId: vpc.id, tags: { Name: clusterName } },
      { parent: this },
    );
    const table = this.makeRouteTable(vpc, "public");
    zones.forEach((zone) => this.associate(`public/${zone.letter}`, table, zone.publicSubnet));
    return new ec2.Route(
      `${this.name}/public/internet`,
      { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
      { parent: this },
    );
  }

  private makeNatGateways(zones: Zone[], toInternet: ec2.Route): ec2.NatGateway[] {
    return zones.slice(0, this.args.nat === "single" ? 1 : undefined).map(({ letter, publicSubnet }) => {
      const name = `${this.name}/nat/${letter}`;
      const tags = { Name: `${this.args.clusterName}-${letter}` };
      // An address in use cannot be given back before the internet gateway's route has gone, and the other way round.
      const opts = { parent: this, dependsOn: [toInternet] };
      const address = new ec2.Eip(`${name}/address`, { domain: "vpc", tags }, opts);
      return new ec2.NatGateway(name, { allocationId: address.id, subnetId: publicSubnet.id, tags }, opts);
    });
  }

  /** Every zone has a table of its own whatever `nat` says, so that a change of it only turns routes over. */
  private routePrivateSubnets(vpc: ec2.Vpc, zones: Zone[], gateways: ec2.NatGateway[]) {
    const ids: pulumi.Output<string>[] = [];
    const egress: pulumi.Resource[] = [];
    zones.forEach((zone, index) => {
      const where = `private/${zone.letter}`;
      const table = this.makeRouteTable(vpc, where);
      const natGatewayId = (gateways[index] ?? gateways[0])?.id;
      const route = new ec2.Route(
        `${this.name}/${where}/internet`,
        { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId },
        { parent: this },
      );
      ids.push(table.id);
      egress.push(route, this.associate(where, table, zone.privateSubnet));
    });
    return { ids, egress };
  }

  private makeS3Endpoint(vpc: ec2.Vpc, routeTableIds: pulumi.Output<string>[]): void {
    const serviceName = `com.amazonaws.${this.args.region}.s3`;
    const tags = { Name: `${this.args.clusterName}-s3` };
    const endpoint = { vpcId: vpc.id, serviceName, vpcEndpointType: "Gateway", routeTableIds, tags };
    new ec2.VpcEndpoint(`${this.name}/s3`, endpoint, { parent: this });
  }

  private makeRouteTable(vpc: ec2.Vpc, where: string): ec2.RouteTable {
    const tags = { Name: `${this.args.clusterName}-${where.replace("/", "-")}` };
    return new ec2.RouteTable(`${this.name}/${where}/routes`, { vpcId: vpc.id, tags }, { parent: this });
  }

  private associate(where: string, table: ec2.RouteTable, subnet: ec2.Subnet): ec2.RouteTableAssociation {
    return new ec2.RouteTableAssociation(
      `${this.name}/${where}/association`,
      { routeTableId: table.id, subnetId: subnet.id },
      { parent: this },
    );
  }
}
