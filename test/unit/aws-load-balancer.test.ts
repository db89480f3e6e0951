import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { LoadBalancer, loadBalancerAnnotations } from "../../components/aws";
import { loadBalancer, type LoadBalancerConfig } from "../../components/config/expose";
import { rawStack, record, type Recording, valueOf } from "./aws-mocks";
import { runProgram } from "./ftgo-program";

const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/0";
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";

function options(given: Record<string, unknown> = {}): LoadBalancerConfig {
  return loadBalancer.parse(given);
}

describe("loadBalancerAnnotations", () => {
  const common = {
    "cross-zone-load-balancing-enabled": "true",
    "additional-resource-tags": "project=ftgo,stack=test",
    "healthcheck-protocol": "TCP",
    "healthcheck-port": "traffic-port",
    "healthcheck-interval": "10",
    "healthcheck-healthy-threshold": "2",
    "healthcheck-unhealthy-threshold": "2",
  };
  const classic = {
    ...common,
    "healthcheck-timeout": "5",
    "backend-protocol": "http",
    "connection-idle-timeout": "60",
    "connection-draining-enabled": "true",
    "connection-draining-timeout": "60",
  };
  const nlb = { ...common, type: "nlb" };
  const tls = { "ssl-cert": certificateArn, "ssl-ports": "443" };
  const table: [what: string, given: Record<string, unknown>, expected: Record<string, string>][] = [
    ["a Classic ELB", {}, classic],
    ["an NLB", { type: "nlb" }, nlb],
    ["an internal Classic ELB", { internal: true }, { ...classic, internal: "true" }],
    ["an internal NLB", { type: "nlb", internal: true }, { ...nlb, internal: "true" }],
    ["TLS on a Classic ELB", { certificateArn }, { ...classic, ...tls }],
    [
      "TLS by a policy on an NLB",
      { type: "nlb", certificateArn, tlsPolicy },
      { ...nlb, ...tls, "ssl-negotiation-policy": tlsPolicy },
    ],
    [
      "zones that keep to themselves",
      { crossZone: false },
      { ...classic, "cross-zone-load-balancing-enabled": "false" },
    ],
    ["another idle timeout", { idleTimeoutSeconds: 120 }, { ...classic, "connection-idle-timeout": "120" }],
    ["another draining time", { drainingSeconds: 30 }, { ...classic, "connection-draining-timeout": "30" }],
    [
      "an HTTP health check",
      { healthCheck: { path: "/health" } },
      { ...classic, "healthcheck-protocol": "HTTP", "healthcheck-path": "/health" },
    ],
    [
      "the shortest health check, whose timeout must be shorter still",
      { healthCheck: { path: "/health", intervalSeconds: 5 } },
      {
        ...classic,
        "healthcheck-protocol": "HTTP",
        "healthcheck-path": "/health",
        "healthcheck-interval": "5",
        "healthcheck-timeout": "4",
      },
    ],
    [
      "access logs",
      { accessLogs: { bucket: "logs" } },
      {
        ...classic,
        "access-log-enabled": "true",
        "access-log-emit-interval": "5",
        "access-log-s3-bucket-name": "logs",
        "access-log-s3-bucket-prefix": "ftgo",
      },
    ],
    ["source ranges, which are not an annotation", { sourceRanges: ["203.0.113.0/24"] }, classic],
  ];
  for (const [what, given, expected] of table) {
    it(`describe ${what}`, () => {
      const prefix = "service.beta.kubernetes.io/aws-load-balancer-";
      const prefixed = Object.entries(expected).map(([key, value]) => [prefix + key, value]);
      const tags = { project: "ftgo", stack: "test" };
      assert.deepEqual(loadBalancerAnnotations(options(given), [443], tags), Object.fromEntries(prefixed));
    });
  }
});

describe("LoadBalancer", () => {
  const network = {
    vpcId: pulumi.output("vpc"),
    publicSubnetIds: [pulumi.output("public-a"), pulumi.output("public-b")],
    privateSubnetIds: [pulumi.output("private-a"), pulumi.output("private-b")],
  };
  const cluster = {
    clusterSecurityGroupId: pulumi.output("sg-cluster"),
    autoscalingGroups: [pulumi.output("asg-one"), pulumi.output("asg-two")],
  };
  let url: string;

  function made(given: Record<string, unknown>): Promise<Recording> {
    return record(async () => {
      const config = options(given);
      url = await valueOf(new LoadBalancer("elb", { config, nodePort: 30000, network, cluster }).url);
    });
  }

  const types = [
    { type: "classic", balancer: "elb/elb", attached: { elb: "elb/elb-id" } },
    { type: "nlb", balancer: "elb/nlb", attached: { lbTargetGroupArn: "arn:target-group" } },
  ];
  for (const { type, balancer, attached } of types) {
    describe(`of type ${type}`, () => {
      it("registers the nodes of every group, once they let it through", async () => {
        const recording = await made({ type });
        const attachments = recording.ofType("Attachment").map(({ inputs }) => inputs);
        assert.deepEqual(attachments, [
          { autoscalingGroupName: "asg-one", ...attached },
          { autoscalingGroupName: "asg-two", ...attached },
        ]);
        assert.ok(recording.isAfter("elb/nodes/0", "elb/nodes/from-load-balancer"));
      });

      it("opens the nodes' security group to the ELB alone, at the node port", async () => {
        const recording = await made({ type });
        const { description, ...rule } = recording.get("elb/nodes/from-load-balancer").inputs;
        assert.match(String(description), /30000/);
        assert.deepEqual(rule, {
          securityGroupId: "sg-cluster",
          referencedSecurityGroupId: "elb/security-group-id",
          ipProtocol: "tcp",
          fromPort: 30000,
          toPort: 30000,
        });
        assert.deepEqual(recording.get("elb/security-group/to-nodes").inputs, {
          securityGroupId: "elb/security-group-id",
          referencedSecurityGroupId: "sg-cluster",
          ipProtocol: "tcp",
          fromPort: 30000,
          toPort: 30000,
        });
        assert.deepEqual(recording.get(balancer).inputs["securityGroups"], ["elb/security-group-id"]);
      });

      it("lets everybody in at port 80, or with TLS at port 443, or the given ranges only", async () => {
        const rules = async (given: Record<string, unknown>) =>
          (await made({ type, ...given }))
            .ofType("SecurityGroupIngressRule")
            .filter(({ name }) => name.startsWith("elb/security-group/"))
            .map(({ inputs }) => [inputs["cidrIpv4"], inputs["fromPort"], inputs["toPort"]]);
        assert.deepEqual(await rules({}), [["0.0.0.0/0", 80, 80]]);
        assert.deepEqual(await rules({ certificateArn, sourceRanges: ["203.0.113.0/24", "198.51.100.0/24"] }), [
          ["203.0.113.0/24", 443, 443],
          ["198.51.100.0/24", 443, 443],
        ]);
      });

      it("stands in public subnets, or in private ones when internal", async () => {
        const { inputs } = (await made({ type })).get(balancer);
        assert.deepEqual([inputs["internal"], inputs["subnets"]], [false, ["public-a", "public-b"]]);
        const internal = (await made({ type, internal: true })).get(balancer).inputs;
        assert.deepEqual([internal["internal"], internal["subnets"]], [true, ["private-a", "private-b"]]);
      });

      it("has a short name prefix, which ELB needs", async () => {
        for (const resource of (await made({ type })).all) {
          if (!/(LoadBalancer|TargetGroup|SecurityGroup)$/.test(resource.type) || resource.name === "elb") continue;
          assert.equal(resource.inputs["namePrefix"], "ftgo-", resource.name);
        }
      });
    });
  }

  it("of type classic honours every option", async () => {
    const given = {
      certificateArn,
      idleTimeoutSeconds: 120,
      drainingSeconds: 30,
      crossZone: false,
      healthCheck: { path: "/health", intervalSeconds: 5 },
      accessLogs: { bucket: "logs" },
    };
    const { inputs } = (await made(given)).get("elb/elb");
    assert.equal(url, "https://elb.example");
    assert.deepEqual(inputs, {
      namePrefix: "ftgo-",
      internal: false,
      subnets: ["public-a", "public-b"],
      securityGroups: ["elb/security-group-id"],
      listeners: [
        {
          lbPort: 443,
          lbProtocol: "https",
          instancePort: 30000,
          instanceProtocol: "http",
          sslCertificateId: certificateArn,
        },
      ],
      healthCheck: {
        target: "HTTP:30000/health",
        interval: 5,
        timeout: 4,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      crossZoneLoadBalancing: false,
      idleTimeout: 120,
      connectionDraining: true,
      connectionDrainingTimeout: 30,
      accessLogs: { bucket: "logs", bucketPrefix: "ftgo", interval: 5 },
    });
  });

  it("of type classic speaks HTTP at port 80 by default", async () => {
    const { inputs } = (await made({})).get("elb/elb");
    assert.equal(url, "http://elb.example");
    assert.deepEqual(inputs["listeners"], [
      { lbPort: 80, lbProtocol: "http", instancePort: 30000, instanceProtocol: "http" },
    ]);
    assert.equal((inputs["healthCheck"] as { target: string }).target, "TCP:30000");
    assert.deepEqual([inputs["idleTimeout"], inputs["connectionDrainingTimeout"]], [60, 60]);
  });

  it("of type classic takes a TLS policy by one of its own", async () => {
    const recording = await made({ certificateArn, tlsPolicy });
    assert.deepEqual(recording.get("elb/elb/tls").inputs, {
      loadBalancerName: "ftgo-elb",
      policyName: tlsPolicy,
      policyTypeName: "SSLNegotiationPolicyType",
      policyAttributes: [{ name: "Reference-Security-Policy", value: tlsPolicy }],
    });
    assert.deepEqual(recording.get("elb/elb/tls/listener").inputs, {
      loadBalancerName: "ftgo-elb",
      loadBalancerPort: 443,
      policyNames: [tlsPolicy],
    });
  });

  it("of type nlb ends TLS and drains as told", async () => {
    const recording = await made({ type: "nlb", certificateArn, tlsPolicy, drainingSeconds: 30, crossZone: false });
    assert.equal(url, "https://nlb.example");
    assert.deepEqual(recording.get("elb/nlb/listener").inputs, {
      loadBalancerArn: "arn:nlb",
      port: 443,
      protocol: "TLS",
      certificateArn,
      sslPolicy: tlsPolicy,
      defaultActions: [{ type: "forward", targetGroupArn: "arn:target-group" }],
    });
    const { healthCheck, ...targets } = recording.get("elb/nlb/nodes").inputs;
    assert.deepEqual(targets, {
      namePrefix: "ftgo-",
      vpcId: "vpc",
      targetType: "instance",
      protocol: "TCP",
      port: 30000,
      deregistrationDelay: 30,
    });
    assert.equal((healthCheck as { protocol: string }).protocol, "TCP");
    assert.equal(recording.get("elb/nlb").inputs["enableCrossZoneLoadBalancing"], false);
    assert.equal(recording.get("elb/nlb").inputs["loadBalancerType"], "network");
  });

  it("of type nlb passes TCP at port 80 by default, and can check by HTTP and close idle connections", async () => {
    const recording = await made({ type: "nlb", idleTimeoutSeconds: 90, healthCheck: { path: "/health" } });
    const { inputs } = recording.get("elb/nlb/listener");
    assert.equal(url, "http://nlb.example");
    assert.deepEqual([inputs["port"], inputs["protocol"], inputs["tcpIdleTimeoutSeconds"]], [80, "TCP", 90]);
    const { healthCheck } = recording.get("elb/nlb/nodes").inputs;
    assert.deepEqual(healthCheck, {
      protocol: "HTTP",
      path: "/health",
      interval: 10,
      timeout: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    });
  });
});

describe("A stack whose gateway has a node port and an ELB of its own (C1)", () => {
  it("has that ELB in front of the nodes' port, and its address as the gateway's", async () => {
    const { cluster, services } = rawStack("dev") as { cluster: object; services: Record<string, object> };
    const gateway = { ...services["gateway"], expose: { kind: "NodePort", nodePort: 30123, elb: {} } };
    let url: Promise<unknown> | undefined;
    const recording = await runProgram({ cluster, services: { ...services, gateway } }, (outputs) => {
      const { gateway } = outputs as { gateway: { url: pulumi.Output<string> } };
      url = valueOf(gateway.url);
    });
    assert.deepEqual(recording.get("ftgo-api-gateway/elb/elb").inputs["listeners"], [
      { lbPort: 80, lbProtocol: "http", instancePort: 30123, instanceProtocol: "http" },
    ]);
    assert.equal(await url, "http://elb.example");
  });
});
