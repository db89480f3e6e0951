import { strict as assert } from "node:assert";
import { inputs, made } from "./aws-platform";

describe("Cluster", () => {
  describe("its control plane", () => {
    it("gives access by entries alone, and none to whoever makes it", async () => {
      const { accessConfig } = await inputs("cluster/control-plane");
      assert.deepEqual(accessConfig, {
        authenticationMode: "API",
        bootstrapClusterCreatorAdminPermissions: false,
      });
    });

    it("brings no add-ons of its own, because a later change of that would replace the cluster", async () => {
      assert.equal((await inputs("cluster/control-plane"))["bootstrapSelfManagedAddons"], false);
    });

    const endpoints = [
      { cidrs: [], expected: { endpointPrivateAccess: true, endpointPublicAccess: false } },
      {
        cidrs: ["203.0.113.0/24"],
        expected: {
          endpointPrivateAccess: true,
          endpointPublicAccess: true,
          publicAccessCidrs: ["203.0.113.0/24"],
        },
      },
    ];
    for (const { cidrs, expected } of endpoints) {
      it(`is reached from the VPC and from ${cidrs.join() || "nowhere else"}, in subnets of its own`, async () => {
        const { vpcConfig } = await inputs("cluster/control-plane", { endpoint: { publicCidrs: cidrs } });
        const subnetIds = ["a", "b", "c"].map((zone) => `network/control/${zone}-id`);
        assert.deepEqual(vpcConfig, { subnetIds, ...expected });
      });
    }

    const options: [given: Record<string, unknown>, property: string, expected: unknown][] = [
      [{}, "version", "1.36"],
      [{}, "name", "ftgo-test"],
      [{}, "upgradePolicy", { supportType: "STANDARD" }],
      [{ upgradePolicy: "extended" }, "upgradePolicy", { supportType: "EXTENDED" }],
      [{}, "deletionProtection", false],
      [{ deletionProtection: true }, "deletionProtection", true],
      [{}, "enabledClusterLogTypes", ["api", "audit", "authenticator"]],
      [{ logs: { types: [] } }, "enabledClusterLogTypes", []],
      [{}, "encryptionConfig", undefined],
      [{ encryption: {} }, "encryptionConfig", { provider: { keyArn: "arn:key" }, resources: ["secrets"] }],
    ];
    for (const [given, property, expected] of options) {
      it(`has ${property} ${JSON.stringify(expected)} for ${JSON.stringify(given)}`, async () => {
        assert.deepEqual((await inputs("cluster/control-plane", given))[property], expected);
      });
    }

    it("is protected by the engine too, which knows before anything else has gone", async () => {
      const isProtected = async (given: Record<string, unknown>) =>
        (await made(given)).get("cluster/control-plane").protect;
      assert.deepEqual([await isProtected({}), await isProtected({ deletionProtection: true })], [false, true]);
    });

    it("logs into a group of the name that EKS uses, which keeps logs as long as it is told", async () => {
      assert.deepEqual(await inputs("cluster/logs", { logs: { retentionDays: 7 } }), {
        name: "/aws/eks/ftgo-test/cluster",
        retentionInDays: 7,
      });
    });

    it("rotates its key and gives time to keep it", async () => {
      const recording = await made({ encryption: { keyDeletionDays: 7 } });
      const key = recording.get("cluster/key").inputs;
      assert.equal(key["enableKeyRotation"], true);
      assert.equal(key["deletionWindowInDays"], 7);
      assert.equal(recording.get("cluster/key/alias").inputs["name"], "alias/ftgo-test");
      assert.equal((await made()).ofType("Key").length, 0);
    });
  });

  describe("its nodes", () => {
    it("keep pods from the instance's credentials, and encrypt their disk", async () => {
      const template = await inputs("cluster/nodes/template", { nodes: { diskGiB: 80 } });
      assert.deepEqual(template["metadataOptions"], { httpTokens: "required", httpPutResponseHopLimit: 1 });
      assert.deepEqual(template["blockDeviceMappings"], [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: 80, encrypted: "true", deleteOnTermination: "true" },
        },
      ]);
    });

    it("name no security group, so that EKS adds the cluster's", async () => {
      const template = await inputs("cluster/nodes/template");
      assert.equal(template["vpcSecurityGroupIds"], undefined);
      assert.equal(template["networkInterfaces"], undefined);
    });

    it("carry the stack's tags on all that the template makes", async () => {
      const template = await inputs("cluster/nodes/template");
      const tags = { project: "ftgo", stack: "test", Name: "ftgo-test-node" };
      assert.deepEqual(
        template["tagSpecifications"],
        ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
      );
    });

    it("are what the config says, in private subnets, and repaired", async () => {
      const nodes = { instanceTypes: ["t3.large", "t3a.large"], capacity: "spot", min: 2, desired: 3, max: 5 };
      const { nodeRoleArn, ...group } = await inputs("cluster/nodes", { zones: ["a", "b"], nodes });
      assert.equal(nodeRoleArn, "arn:role/ftgo-test-node");
      assert.deepEqual(group, {
        clusterName: "ftgo-test",
        nodeGroupNamePrefix: "nodes-",
        version: "1.36",
        subnetIds: ["network/private/a-id", "network/private/b-id"],
        amiType: "AL2023_x86_64_STANDARD",
        capacityType: "SPOT",
        instanceTypes: ["t3.large", "t3a.large"],
        scalingConfig: { minSize: 2, desiredSize: 3, maxSize: 5 },
        launchTemplate: { id: "cluster/nodes/template-id", version: "7" },
        updateConfig: { maxUnavailablePercentage: 33, updateStrategy: "DEFAULT" },
        nodeRepairConfig: { enabled: true },
      });
      assert.equal((await inputs("cluster/nodes"))["capacityType"], "ON_DEMAND");
    });

    it("have the rights of a node and not those of the network add-on", async () => {
      const policies = (await made())
        .ofType("RolePolicyAttachment")
        .filter(({ name }) => name.startsWith("cluster/nodes/"));
      assert.deepEqual(policies.map(({ inputs: { policyArn } }) => policyArn).sort(), [
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
      ]);
    });
  });

  describe("its add-ons", () => {
    it("are these six, take a new cluster over, and leave later changes alone", async () => {
      const addOns = (await made()).ofType("Addon");
      assert.deepEqual(addOns.map(({ inputs: { addonName } }) => addonName).sort(), [
        "aws-ebs-csi-driver",
        "coredns",
        "eks-pod-identity-agent",
        "kube-proxy",
        "metrics-server",
        "vpc-cni",
      ]);
      for (const { inputs: addOn } of addOns) {
        assert.equal(addOn["resolveConflictsOnCreate"], "OVERWRITE");
        assert.equal(addOn["resolveConflictsOnUpdate"], "PRESERVE");
        assert.equal(addOn["serviceAccountRoleArn"], undefined, "rights come by Pod Identity alone");
      }
    });

    it("have the version that the stack names", async () => {
      const recording = await made({ addOnVersions: { coredns: "v1.14.3-eksbuild.1" } });
      assert.equal(recording.get("cluster/coredns").inputs["addonVersion"], "v1.14.3-eksbuild.1");
      assert.equal(recording.get("cluster/vpc-cni").inputs["addonVersion"], undefined);
    });

    it("make network policies work", async () => {
      const recording = await made();
      const settings = String(recording.get("cluster/vpc-cni").inputs["configurationValues"]);
      assert.equal((JSON.parse(settings) as Record<string, unknown>)["enableNetworkPolicy"], "true");
    });

    const identities = [
      { addOn: "vpc-cni", serviceAccount: "aws-node", role: "cni", policy: "AmazonEKS_CNI_Policy" },
      {
        addOn: "aws-ebs-csi-driver",
        serviceAccount: "ebs-csi-controller-sa",
        role: "ebs-csi",
        policy: "service-role/AmazonEBSCSIDriverPolicy",
      },
    ];
    for (const { addOn, serviceAccount, role, policy } of identities) {
      it(`give ${serviceAccount} its rights by Pod Identity`, async () => {
        const recording = await made();
        const roleArn = `arn:role/ftgo-test-${role}`;
        assert.deepEqual(recording.get(`cluster/${addOn}`).inputs["podIdentityAssociations"], [
          { roleArn, serviceAccount },
        ]);
        const { assumeRolePolicy } = recording.get(`cluster/${addOn}/role`).inputs;
        const [statement] = (assumeRolePolicy as { Statement: { Action: string[]; Principal: object }[] }).Statement;
        assert.deepEqual(statement?.Principal, { Service: "pods.eks.amazonaws.com" });
        assert.deepEqual(statement?.Action, ["sts:AssumeRole", "sts:TagSession"]);
        const attachment = recording.get(`cluster/${addOn}/role/${policy.replace(/^.*\//, "")}`);
        assert.equal(attachment.inputs["policyArn"], `arn:aws:iam::aws:policy/${policy}`);
      });
    }
  });

  describe("its administrators", () => {
    const admins = ["arn:aws:iam::123456789012:role/ops/deployer", "arn:aws:iam::123456789012:user/ann"];

    it("have an entry and the administrator's policy each, and names that the list's order does not change", async () => {
      const recording = await made({ admins });
      for (const [principalArn, name] of [
        [admins[0], "cluster/admin/123456789012/role/ops/deployer"],
        [admins[1], "cluster/admin/123456789012/user/ann"],
      ] as const) {
        assert.deepEqual(recording.get(name).inputs, { clusterName: "ftgo-test", principalArn });
        assert.deepEqual(recording.get(`${name}/policy`).inputs, {
          clusterName: "ftgo-test",
          principalArn,
          policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
          accessScope: { type: "cluster" },
        });
      }
      assert.equal(recording.ofType("AccessEntry").length, 2);
    });

    it("are of the region's part of AWS", async () => {
      const recording = await made({ region: "cn-north-1", admins: ["arn:aws-cn:iam::123456789012:role/deployer"] });
      const arns = recording.all.flatMap(({ inputs: { policyArn } }) =>
        typeof policyArn === "string" ? [policyArn] : [],
      );
      assert.ok(arns.length > 0);
      for (const arn of arns) assert.match(arn, /^arn:aws-cn:/);
    });
  });
});
