import { strict as assert } from "node:assert";
import { ConfigError, parseStackConfig } from "../../components/config";
import { eksConfig, rawStack } from "./aws-mocks";

const deployer = "arn:aws:iam::123456789012:role/deployer";
const valid = { kind: "eks", name: "ftgo-test", region: "eu-central-1", admins: [deployer] };
const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/0";

/** What is said of a cluster config and of the way the gateway is exposed. */
function problems(cluster: object, expose?: object): string[] {
  const raw = rawStack("local.example");
  const services = raw["services"] as Record<string, object>;
  const gateway = { ...services["gateway"], ...(expose && { expose }) };
  try {
    parseStackConfig({ ...raw, cluster, services: { ...services, gateway } }, "test");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path.replace(/^ftgo:/, "")} ${message}`);
  }
}

describe("config of an EKS cluster", () => {
  it("needs a name, a region and an administrator; everything else has a default", () => {
    assert.deepEqual(eksConfig(), {
      ...valid,
      zones: ["a", "b", "c"],
      version: "1.36",
      upgradePolicy: "standard",
      endpoint: { publicCidrs: [] },
      vpcCidr: "10.0.0.0/16",
      nat: "single",
      nodes: { instanceTypes: ["t3.large"], capacity: "on-demand", min: 2, desired: 2, max: 4, diskGiB: 50 },
      logs: { types: ["api", "audit", "authenticator"], retentionDays: 30 },
      deletionProtection: false,
      addOnVersions: {},
    });
    assert.deepEqual(
      problems({ kind: "eks" }).map((problem) => problem.split(" ")[0]),
      ["cluster.name", "cluster.region", "cluster.admins"],
    );
  });

  const table: [given: object, said: string][] = [
    [{ nme: "x" }, 'cluster.nme is not a known key; did you mean "name"?'],
    [{ name: "FTGO" }, "cluster.name is \"FTGO\"; use up to 39 lower-case letters, digits and '-'"],
    [{ region: "Frankfurt" }, 'cluster.region is "Frankfurt"; use an AWS region such as eu-central-1'],
    [{ zones: ["a"] }, "cluster.zones is a list; the least is 2 entries"],
    [{ zones: ["a", "b", "c", "d"] }, "cluster.zones is a list; the most is 3 entries"],
    [{ zones: ["a", "eu-central-1b"] }, 'cluster.zones[1] is "eu-central-1b"; use the letter of a zone, a to f'],
    [{ zones: ["a", "b", "a"] }, 'cluster.zones[2] is "a" again; name it once'],
    [
      { endpoint: { publicCidrs: ["203.0.113.0/24", "203.0.113.0/24"] } },
      'cluster.endpoint.publicCidrs[1] is "203.0.113.0/24" again; name it once',
    ],
    [{ version: 1.36 }, "cluster.version is 1.36; give a text"],
    [{ version: "36" }, 'cluster.version is "36"; use a Kubernetes minor version in quotes, such as "1.36"'],
    [
      { upgradePolicy: "extend" },
      'cluster.upgradePolicy is "extend"; give one of standard, extended; did you mean "extended"?',
    ],
    [{ admins: [] }, "cluster.admins is a list; the least is 1 entry"],
    [
      { admins: ["arn:aws:sts::123456789012:assumed-role/deployer/me"] },
      'cluster.admins[0] is "arn:aws:sts::123456789012:assumed-role/deployer/me"; use the ARN of an IAM role or user, ' +
        "arn:aws:iam::<account>:role/<name>, not that of a session",
    ],
    [{ admins: [deployer, deployer] }, `cluster.admins[1] is "${deployer}" again; name it once`],
    [
      { endpoint: { publicCidrs: ["0.0.0.0/0"] } },
      'cluster.endpoint.publicCidrs[0] is "0.0.0.0/0", which opens the API server to everybody; list the blocks that you work from',
    ],
    [
      { endpoint: { publicCidrs: ["172.31.4.0/24"] } },
      'cluster.endpoint.publicCidrs[0] is "172.31.4.0/24", private addresses, from which nothing comes over the internet; remove it',
    ],
    [
      { endpoint: { publicCidrs: ["203.0.113.7/24"] } },
      'cluster.endpoint.publicCidrs[0] is "203.0.113.7/24"; use a CIDR block that starts at its first address, such as 203.0.113.0/24, or 203.0.113.7/32 for one address',
    ],
    [
      { vpcCidr: "300.0.0.0/16" },
      'cluster.vpcCidr is "300.0.0.0/16"; use a CIDR block that starts at its first address, such as 203.0.113.0/24, or 203.0.113.7/32 for one address',
    ],
    [{ vpcCidr: "10.0.0.0/24" }, 'cluster.vpcCidr is "10.0.0.0/24"; a VPC here has a size from /16 to /18'],
    [{ vpcCidr: "10.0.0.0/8" }, 'cluster.vpcCidr is "10.0.0.0/8"; a VPC here has a size from /16 to /18'],
    [{ nat: "perzone" }, 'cluster.nat is "perzone"; give one of single, perZone; did you mean "perZone"?'],
    [{ nodes: { min: 3, max: 2 } }, "cluster.nodes.max is 2; it must not be less than min, 3"],
    [{ nodes: { desired: 5 } }, "cluster.nodes.desired is 5; give a number from min, 2, to max, 4"],
    [{ nodes: { desired: 1 } }, "cluster.nodes.desired is 1; give a number from min, 2, to max, 4"],
    [
      { nodes: { instanceTypes: ["large"] } },
      'cluster.nodes.instanceTypes[0] is "large"; use an EC2 instance type such as t3.large',
    ],
    [
      { nodes: { instanceTypes: ["g4dn.xlarge", "c7gn.large"] } },
      'cluster.nodes.instanceTypes[1] is "c7gn.large", an ARM type; nodes are x86-64',
    ],
    [{ nodes: { diskGiB: 5 } }, "cluster.nodes.diskGiB is 5; the least is 20"],
    [
      { logs: { retentionDays: 8 } },
      "cluster.logs.retentionDays is 8; give one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365",
    ],
    [{ encryption: { keyDeletionDays: 3 } }, "cluster.encryption.keyDeletionDays is 3; the least is 7"],
    [{ encryption: true }, "cluster.encryption is true; give a map"],
    [
      { addOnVersions: { coredns: "1.14" } },
      'cluster.addOnVersions.coredns is "1.14"; use an add-on\'s version such as v1.20.0-eksbuild.1',
    ],
  ];
  for (const [given, said] of table) {
    it(`says of ${JSON.stringify(given)} what is wrong`, () =>
      assert.deepEqual(problems({ ...valid, ...given }), [said]));
  }

  it("refuses an add-on that it does not manage", () => {
    const [problem, ...more] = problems({ ...valid, addOnVersions: { cordns: "v1.14.3-eksbuild.1" } });
    assert.match(String(problem), /^cluster\.addOnVersions\.cordns /);
    assert.deepEqual(more, []);
  });

  it("names every problem at once", () => {
    const found = problems({ ...valid, zones: ["a", "a"], nodes: { min: 3, max: 2 }, vpcCidr: "10.0.0.0/8" });
    assert.equal(found.length, 3);
  });
});

describe("config of an ELB", () => {
  const eks = valid;
  const embedded = { kind: "embedded" };
  const byKubernetes = (given: object) => ({ kind: "LoadBalancer", ...given });
  const own = (elb: object) => ({ kind: "NodePort", elb });
  const at = "services.gateway.expose";
  const remedy = "remove it, or use type classic";

  const table: [what: string, cluster: object, expose: object, said: string[]][] = [
    [
      "a Classic ELB by Kubernetes with every option",
      eks,
      byKubernetes({
        port: 443,
        certificateArn,
        tlsPolicy: "ELBSecurityPolicy-TLS-1-2-2017-01",
        idleTimeoutSeconds: 120,
        drainingSeconds: 30,
        healthCheck: { path: "/health" },
        accessLogs: { bucket: "logs" },
        sourceRanges: ["203.0.113.0/24"],
      }),
      [],
    ],
    [
      "an NLB by Kubernetes with what it can do",
      eks,
      byKubernetes({
        type: "nlb",
        port: 443,
        certificateArn,
        tlsPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        healthCheck: { path: "/health" },
        sourceRanges: ["203.0.113.0/24"],
      }),
      [],
    ],
    [
      "an NLB by Kubernetes with what it cannot do",
      eks,
      byKubernetes({
        type: "nlb",
        idleTimeoutSeconds: 120,
        drainingSeconds: 30,
        accessLogs: { bucket: "logs" },
      }),
      [
        `${at}.idleTimeoutSeconds cannot be had with type nlb: Kubernetes leaves an NLB at 350 s; ${remedy}`,
        `${at}.drainingSeconds cannot be had with type nlb: Kubernetes leaves an NLB at 300 s; ${remedy}`,
        `${at}.accessLogs cannot be had with type nlb: Kubernetes sets up none for an NLB; ${remedy}`,
      ],
    ],
    [
      "an NLB's idle timeout, by Kubernetes, once",
      eks,
      byKubernetes({ type: "nlb", idleTimeoutSeconds: 30 }),
      [`${at}.idleTimeoutSeconds cannot be had with type nlb: Kubernetes leaves an NLB at 350 s; ${remedy}`],
    ],
    [
      "an NLB of our own with what it can do",
      eks,
      own({ type: "nlb", idleTimeoutSeconds: 120, drainingSeconds: 30 }),
      [],
    ],
    [
      "access logs of an NLB of our own",
      eks,
      own({ type: "nlb", accessLogs: { bucket: "logs" } }),
      [`${at}.elb.accessLogs cannot be had with type nlb: an NLB logs TLS connections, never requests; ${remedy}`],
    ],
    [
      "an NLB's idle timeout beside TLS",
      eks,
      own({ type: "nlb", certificateArn, idleTimeoutSeconds: 120 }),
      [`${at}.elb.idleTimeoutSeconds cannot be had with TLS on an NLB, which stays at 350 s; remove it`],
    ],
    [
      "an NLB's idle timeout that is too short",
      eks,
      own({ type: "nlb", idleTimeoutSeconds: 30 }),
      [`${at}.elb.idleTimeoutSeconds is 30; the least of an NLB is 60`],
    ],
    [
      "a Classic ELB's idle timeout that is too long",
      eks,
      own({ idleTimeoutSeconds: 5000 }),
      [`${at}.elb.idleTimeoutSeconds is 5000; the most of a Classic ELB is 4000`],
    ],
    [
      "a check of an NLB that begins before the one before has ended",
      eks,
      { kind: "LoadBalancer", type: "nlb", healthCheck: { intervalSeconds: 9 } },
      [
        `${at}.healthCheck.intervalSeconds is 9; the least of an NLB that the cloud makes is 10, because each check may take that long`,
      ],
    ],
    [
      "a source that is named twice",
      eks,
      own({ sourceRanges: ["203.0.113.0/24", "203.0.113.0/24"] }),
      [`${at}.elb.sourceRanges[1] is "203.0.113.0/24" again; name it once`],
    ],
    [
      "a TLS policy without TLS",
      eks,
      own({ tlsPolicy: "ELBSecurityPolicy-2016-08" }),
      [`${at}.elb.tlsPolicy needs \`certificateArn\`; without one there is no TLS`],
    ],
    [
      "a TLS policy of other ELBs",
      eks,
      own({ certificateArn, tlsPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" }),
      [
        `${at}.elb.tlsPolicy is "ELBSecurityPolicy-TLS13-1-2-2021-06", which a Classic ELB does not have; ` +
          "give ELBSecurityPolicy-TLS-1-2-2017-01, or use type nlb",
      ],
    ],
    [
      "a certificate at port 80",
      eks,
      byKubernetes({ certificateArn }),
      [`${at}.port is 80; with \`certificateArn\` give 443, where the ELB ends TLS`],
    ],
    [
      "an ELB of our own elsewhere",
      embedded,
      own({}),
      [`${at}.elb needs a cluster of kind eks, and this one is of kind embedded; use the node port itself`],
    ],
    ["a node port elsewhere", embedded, { kind: "NodePort" }, []],
  ];
  for (const [what, cluster, expose, said] of table) {
    it(`says of ${what}: ${said.length === 0 ? "nothing" : "what is wrong"}`, () => {
      assert.deepEqual(problems(cluster, expose), said);
    });
  }
});
