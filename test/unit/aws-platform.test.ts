import { strict as assert } from "node:assert";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider";
import { eksConfig, record, type Recording, stack, valueOf } from "./aws-mocks";
import { made, platform } from "./aws-platform";

describe("the AWS platform", () => {
  describe("the order", () => {
    let recording: Recording;
    before(async () => (recording = await made({ encryption: {} })));

    const edges: [later: string, earlier: string, why: string][] = [
      ["cluster/control-plane", "cluster/logs", "EKS would make a group that keeps logs for ever"],
      ["cluster/control-plane", "cluster/role/AmazonEKSClusterPolicy", "EKS needs its rights until the end"],
      ["cluster/control-plane", "cluster/key/use", "EKS must be able to use its key"],
      [
        "cluster/admin/123456789012/role/deployer/policy",
        "cluster/admin/123456789012/role/deployer",
        "policy needs entry",
      ],
      ["cluster/vpc-cni", "cluster/vpc-cni/role/AmazonEKS_CNI_Policy", "its pods need their rights"],
      ["cluster/nodes", "cluster/vpc-cni", "a node is not ready without a network"],
      ["cluster/nodes", "cluster/kube-proxy", "a node is not ready without Services"],
      ["cluster/nodes", "cluster/eks-pod-identity-agent", "the network's pods need their rights"],
      ["cluster/nodes", "cluster/nodes/role/AmazonEKSWorkerNodePolicy", "a node joins by it"],
      ["cluster/nodes", "cluster/nodes/role/AmazonEC2ContainerRegistryPullOnly", "a node pulls images by it"],
      ["cluster/nodes", "network/private/a/internet", "a node joins through NAT"],
      ["cluster/nodes", "network/private/b/internet", "a node joins through NAT"],
      ["cluster/nodes", "network/private/c/association", "a node joins through NAT"],
      ["cluster/coredns", "cluster/nodes", "it stays degraded without nodes"],
      ["cluster/metrics-server", "cluster/nodes", "it stays degraded without nodes"],
      ["cluster/aws-ebs-csi-driver", "cluster/nodes", "it stays degraded without nodes"],
      ["kubernetes", "cluster/admin/123456789012/role/deployer/policy", "nobody is let in before"],
      ["kubernetes", "cluster/coredns", "workloads need names"],
      ["kubernetes", "cluster/aws-ebs-csi-driver", "workloads need volumes"],
      ["kubernetes", "cluster/nodes", "workloads need nodes"],
    ];
    for (const [later, earlier, why] of edges) {
      it(`has ${later} after ${earlier}: ${why}`, () => {
        assert.ok(recording.isAfter(later, earlier));
        assert.ok(!recording.isAfter(earlier, later), "and not the other way round");
      });
    }
  });

  describe("its kubeconfig", () => {
    it("is no credential: it asks AWS for a token", async () => {
      let text = "";
      await record(async () => (text = await valueOf(platform(eksConfig()).cluster.kubeconfig)));
      const kubeconfig = JSON.parse(text) as {
        clusters: { cluster: object }[];
        users: { user: { exec: { command: string; args: string[] } } }[];
        contexts: { name: string }[];
        "current-context": string;
      };
      assert.deepEqual(kubeconfig.clusters[0]?.cluster, {
        server: "https://cluster.example",
        "certificate-authority-data": "Y2E=",
      });
      const { exec } = kubeconfig.users[0]?.user ?? {};
      const args = "--region eu-central-1 eks get-token --cluster-name ftgo-test --output json";
      assert.equal(exec?.command, "aws");
      assert.deepEqual(exec.args, args.split(" "));
      assert.equal(kubeconfig["current-context"], kubeconfig.contexts[0]?.name);
    });

    it("alone is enough to come after the administrators, whatever else a program waits for", async () => {
      const recording = await record(() => {
        const { cluster } = platform(eksConfig());
        new KubernetesProvider("other", { kubeconfig: cluster.kubeconfig });
      });
      assert.ok(recording.isAfter("other", "cluster/admin/123456789012/role/deployer/policy"));
    });
  });

  for (const name of ["dev", "staging", "prod"]) {
    describe(`in stack ${name}`, () => {
      let recording: Recording;
      before(async () => {
        const { cluster } = stack(name);
        assert.ok(cluster.kind === "eks");
        recording = await record(() => platform(cluster));
      });

      it("is whole", () => {
        for (const type of ["Vpc", "Network", "NodeGroup", "LogGroup"])
          assert.equal(recording.ofType(type).length, 1, type);
        assert.equal(recording.get("cluster/control-plane").inputs["name"], `ftgo-${name}`);
      });

      it("encrypts the volumes of what names no class", () => {
        const { metadata, parameters } = recording.get("storage").inputs as {
          metadata: { annotations: Record<string, string> };
          parameters: object;
        };
        assert.equal(metadata.annotations["storageclass.kubernetes.io/is-default-class"], "true");
        assert.deepEqual(parameters, { type: "gp3", encrypted: "true" });
        assert.ok(recording.isAfter("storage", "cluster/aws-ebs-csi-driver"));
      });

      it("has all of AWS from the one provider, which tags it", () => {
        const { urn, inputs: given } = recording.get("aws");
        assert.equal(given["region"], "eu-central-1");
        assert.equal(given["defaultTags"], JSON.stringify({ tags: { project: "ftgo", stack: "test" } }));
        const ofAws = recording.all.filter(({ type }) => type.startsWith("aws:"));
        assert.ok(ofAws.length > 40);
        for (const resource of ofAws) assert.equal(resource.provider, `${urn}::aws-id`, resource.name);
      });

      it("leaves no name to Pulumi, whose own would hold a slash, which AWS refuses", () => {
        const named = ["Role", "RolePolicy", "LaunchTemplate", "LogGroup", "Alias", "NodeGroup", "SecurityGroup"];
        for (const { name: logical, inputs: given } of named.flatMap((type) => recording.ofType(type))) {
          const physical = given["name"] ?? given["namePrefix"] ?? given["nodeGroupNamePrefix"];
          assert.equal(typeof physical, "string", logical);
        }
      });

      it("keeps the limits of AWS's names", () => {
        for (const { inputs: given } of recording.ofType("Role")) assert.ok(String(given["name"]).length <= 64);
      });
    });
  }
});
