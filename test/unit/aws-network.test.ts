import { strict as assert } from "node:assert";
import { Network } from "../../components/aws";
import { record, type Recording } from "./aws-mocks";

const args = { region: "eu-central-1", vpcCidr: "10.0.0.0/16", clusterName: "ftgo-test" };

function network(zones: string[], nat: "single" | "perZone"): Promise<Recording> {
  return record(() => new Network("network", { ...args, zones, nat }));
}

describe("Network", () => {
  const shapes = [
    { zones: ["a", "b"], nat: "single", gateways: { a: "a", b: "a" } },
    { zones: ["a", "b"], nat: "perZone", gateways: { a: "a", b: "b" } },
    { zones: ["a", "b", "c"], nat: "single", gateways: { a: "a", b: "a", c: "a" } },
    { zones: ["a", "b", "c"], nat: "perZone", gateways: { a: "a", b: "b", c: "c" } },
    { zones: ["b", "d"], nat: "single", gateways: { b: "b", d: "b" } },
  ] as const;

  for (const { zones, nat, gateways } of shapes) {
    describe(`over zones ${zones.join(", ")} with NAT ${nat}`, () => {
      let made: Recording;
      before(async () => (made = await network([...zones], nat)));

      it("has a private, a public and a control subnet in each zone", () => {
        assert.equal(made.ofType("Subnet").length, 3 * zones.length);
        for (const zone of zones) {
          for (const kind of ["private", "public", "control"]) {
            const { inputs } = made.get(`network/${kind}/${zone}`);
            assert.equal(inputs["availabilityZone"], `eu-central-1${zone}`);
            assert.equal(inputs["mapPublicIpOnLaunch"], undefined);
          }
        }
      });

      it("leads each private subnet out by its NAT gateway, and makes no other", () => {
        const made_ = Object.fromEntries(
          zones.map((zone) => [zone, made.get(`network/private/${zone}/internet`).inputs["natGatewayId"]]),
        );
        const expected = Object.entries(gateways).map(([zone, gateway]) => [zone, `network/nat/${gateway}-id`]);
        assert.deepEqual(made_, Object.fromEntries(expected));
        assert.equal(made.ofType("NatGateway").length, new Set(Object.values(gateways)).size);
        assert.equal(made.ofType("Eip").length, made.ofType("NatGateway").length);
      });

      it("puts each private subnet under the routes of its zone, and public ones under the internet's", () => {
        for (const zone of zones) {
          assert.deepEqual(made.get(`network/private/${zone}/association`).inputs, {
            routeTableId: `network/private/${zone}/routes-id`,
            subnetId: `network/private/${zone}-id`,
          });
          assert.deepEqual(made.get(`network/public/${zone}/association`).inputs, {
            routeTableId: "network/public/routes-id",
            subnetId: `network/public/${zone}-id`,
          });
        }
        assert.equal(made.get("network/public/internet").inputs["gatewayId"], "network/internet-id");
      });

      it("keeps S3 traffic of all private subnets off the NAT gateways", () => {
        const { inputs } = made.get("network/s3");
        assert.equal(inputs["serviceName"], "com.amazonaws.eu-central-1.s3");
        assert.equal(inputs["vpcEndpointType"], "Gateway");
        assert.deepEqual(
          inputs["routeTableIds"],
          zones.map((zone) => `network/private/${zone}/routes-id`),
        );
      });
    });
  }

  it("tells load balancers which subnets are theirs", async () => {
    const made = await network(["a", "b"], "single");
    const tags = (name: string) => made.get(name).inputs["tags"] as Record<string, string>;
    const shared = { "kubernetes.io/cluster/ftgo-test": "shared" };
    assert.deepEqual(tags("network/public/a"), {
      Name: "ftgo-test-public-a",
      "kubernetes.io/role/elb": "1",
      ...shared,
    });
    assert.deepEqual(tags("network/private/b"), {
      Name: "ftgo-test-private-b",
      "kubernetes.io/role/internal-elb": "1",
      ...shared,
    });
    assert.deepEqual(tags("network/control/a"), { Name: "ftgo-test-control-a" });
  });

  it("resolves names, as the cluster's private endpoint needs", async () => {
    const { inputs } = (await network(["a", "b"], "single")).get("network/vpc");
    assert.equal(inputs["cidrBlock"], "10.0.0.0/16");
    assert.equal(inputs["enableDnsHostnames"], true);
    assert.equal(inputs["enableDnsSupport"], true);
  });

  it("moves no subnet when a zone comes or goes", async () => {
    const cidrs = (made: Recording) =>
      Object.fromEntries(made.ofType("Subnet").map((s) => [s.name, s.inputs["cidrBlock"]]));
    const two = cidrs(await network(["a", "c"], "single"));
    const three = cidrs(await network(["a", "b", "c"], "single"));
    for (const [name, cidr] of Object.entries(two)) assert.equal(three[name], cidr, name);
  });

  it("makes NAT gateways after the way to the internet, and gives the ways out to wait for", async () => {
    let egress: number | undefined;
    const made = await record(() => {
      egress = new Network("network", { ...args, zones: ["a", "b"], nat: "single" }).egress.length;
    });
    assert.ok(made.isAfter("network/nat/a", "network/public/internet"));
    assert.ok(made.isAfter("network/nat/a/address", "network/public/internet"));
    assert.equal(egress, 4, "a route and an association per zone");
  });
});
