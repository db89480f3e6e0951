import { strict as assert } from "node:assert";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceInput } from "../../components/config/service";
import type { Recording } from "./aws-mocks";
import { clusterObjects } from "./ftgo-program";
import { deploymentOf, restricted, shop, specOf } from "./shop";

describe("Microservice", () => {
  describe("for a service that is not FTGO's", () => {
    let recording: Recording;
    before(async () => (recording = await shop({ replicas: 2 })));

    it("makes a Deployment, a Service, an account, a budget, a route and its policy, named by the service, in the namespace", () => {
      assert.deepEqual(
        clusterObjects(recording)
          .map(({ kind, object, name, inputs }) => {
            const { namespace } = inputs["metadata"] as { namespace: string };
            return `${kind} ${namespace}/${object}: ${name}`;
          })
          .sort(),
        [
          "Deployment apps/shop: shop/deployment",
          "DestinationRule apps/shop-one-image: shop/one-image/subset",
          "DestinationRule apps/shop: shop/policy",
          "PodDisruptionBudget apps/shop: shop/deployment/budget",
          "Service apps/shop: shop/service",
          "ServiceAccount apps/shop: shop/account",
          "VirtualService apps/shop: shop/route",
        ],
      );
    });

    it("has one type of component, and gives its arguments to nobody", () => {
      const { type, inputs, custom } = recording.get("shop");
      assert.deepEqual({ type, inputs, custom }, { type: "ftgo:services:Microservice", inputs: {}, custom: false });
    });

    it("has an account of its own, and neither it nor the pod gets a token", () => {
      assert.equal(recording.get("shop/account").inputs["automountServiceAccountToken"], false);
      const { serviceAccountName, automountServiceAccountToken } = deploymentOf(recording).spec.template.spec;
      assert.deepEqual(
        { serviceAccountName, automountServiceAccountToken },
        {
          serviceAccountName: "shop",
          automountServiceAccountToken: false,
        },
      );
    });

    it("is restricted, as Kubernetes' Pod Security Standards say", () => {
      const { securityContext, containers } = deploymentOf(recording).spec.template.spec;
      assert.deepEqual(securityContext, {
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      });
      assert.deepEqual(containers[0]?.["securityContext"], restricted);
    });

    it("never has fewer ready pods than replicas while it rolls, and at least five revisions to go back to", () => {
      const { strategy, revisionHistoryLimit } = deploymentOf(recording).spec;
      assert.deepEqual(strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
      assert.ok(Number(revisionHistoryLimit) >= 5);
    });
  });

  describe("names its children after itself, so that one target is one service", () => {
    it("whatever they are", async () => {
      const recording = await shop({
        versions: { v1: { image: "example/shop:1" }, v2: { image: "example/shop:2" } },
        stable: "v1",
        replicas: { min: 2, max: 4 },
        config: { env: { A: "1" }, files: { "/etc/shop.conf": "a" } },
      });
      assert.deepEqual(
        recording.all
          .map(({ name }) => name)
          .filter((name) => name !== "cluster")
          .sort(),
        [
          "shop",
          "shop/account",
          "shop/env",
          "shop/files",
          "shop/policy",
          "shop/route",
          "shop/service",
          "shop/v1",
          "shop/v1/autoscaler",
          "shop/v1/budget",
          "shop/v1/subset",
          "shop/v2",
          "shop/v2/autoscaler",
          "shop/v2/budget",
          "shop/v2/subset",
        ],
      );
    });
  });

  describe("its number of pods", () => {
    it("is what config says, and a budget keeps all but one of them while nodes are drained", async () => {
      const recording = await shop({ replicas: 3 });
      assert.equal(deploymentOf(recording).spec["replicas"], 3);
      assert.deepEqual(specOf(recording, "shop/deployment/budget"), {
        maxUnavailable: 1,
        selector: { matchLabels: { app: "shop", "ftgo/subset": "one-image" } },
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      });
    });

    for (const replicas of [0, 1, { min: 1, max: 3 }]) {
      it(`gets no budget when it may be ${JSON.stringify(replicas)}`, async () => {
        assert.deepEqual((await shop({ replicas })).ofType("PodDisruptionBudget"), []);
      });
    }

    it("is the autoscaler's when it is a range, of which a new Deployment begins with the least", async () => {
      const recording = await shop({ replicas: { min: 2, max: 8, cpu: 60 } });
      assert.equal(deploymentOf(recording).spec["replicas"], 2);
      assert.deepEqual(recording.get("shop/deployment").ignoreChanges, ["spec.replicas"]);
      assert.deepEqual((await shop({ replicas: 2 })).get("shop/deployment").ignoreChanges, []);
      assert.deepEqual(specOf(recording, "shop/deployment/autoscaler"), {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "shop" },
        minReplicas: 2,
        maxReplicas: 8,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
        ],
      });
      assert.ok(recording.isAfter("shop/deployment/autoscaler", "shop/deployment"));
      assert.equal(recording.ofType("PodDisruptionBudget").length, 1);
    });

    it("may be a version's own", async () => {
      const versions = { v1: { image: "example/shop:1" }, v2: { image: "example/shop:2", replicas: 1 } };
      const recording = await shop({ versions, stable: "v1", replicas: 2 });
      assert.deepEqual(
        ["shop/v1", "shop/v2"].map((name) => deploymentOf(recording, name).spec["replicas"]),
        [2, 1],
      );
      assert.deepEqual(
        recording.ofType("PodDisruptionBudget").map(({ name, inputs }) => [name, inputs["spec"]]),
        [
          [
            "shop/v1/budget",
            {
              maxUnavailable: 1,
              selector: { matchLabels: { app: "shop", version: "v1" } },
              unhealthyPodEvictionPolicy: "AlwaysAllow",
            },
          ],
        ],
      );
    });
  });

  describe("its Service", () => {
    const selector = { app: "shop" };
    const variants: [given: NonNullable<ServiceInput["expose"]>, spec: object][] = [
      [{ kind: "ClusterIP" }, { type: "ClusterIP", ports: [{ name: "http", port: 8080, targetPort: 8080 }] }],
      [
        { kind: "ClusterIP", port: 80 },
        { type: "ClusterIP", ports: [{ name: "http", port: 80, targetPort: 8080 }] },
      ],
      [
        { kind: "NodePort" },
        { type: "NodePort", ports: [{ name: "http", port: 80, targetPort: 8080, nodePort: 30000 }] },
      ],
      [
        { kind: "NodePort", port: 8081, nodePort: 32767 },
        { type: "NodePort", ports: [{ name: "http", port: 8081, targetPort: 8080, nodePort: 32767 }] },
      ],
      [{ kind: "LoadBalancer" }, { type: "LoadBalancer", ports: [{ name: "http", port: 80, targetPort: 8080 }] }],
      [
        { kind: "LoadBalancer", sourceRanges: ["203.0.113.0/24"] },
        {
          type: "LoadBalancer",
          ports: [{ name: "http", port: 80, targetPort: 8080 }],
          loadBalancerSourceRanges: ["203.0.113.0/24"],
        },
      ],
    ];
    for (const [expose, spec] of variants) {
      it(`for ${JSON.stringify(expose)}`, async () => {
        assert.deepEqual(specOf(await shop({ expose }), "shop/service"), { selector, ...spec });
      });
    }

    it("tells the cloud of its load balancer, and nobody of any other", async () => {
      const annotations = async (expose: ServiceInput["expose"]) => {
        const { metadata } = (await shop({ expose })).get("shop/service").inputs as {
          metadata: { annotations: Record<string, string> };
        };
        return Object.keys(metadata.annotations).filter((key) => key.startsWith("service.beta.kubernetes.io/"));
      };
      assert.ok((await annotations({ kind: "LoadBalancer" })).length > 0);
      assert.deepEqual(await annotations({ kind: "NodePort" }), []);
      assert.deepEqual(await annotations({ kind: "ClusterIP" }), []);
    });

    it("follows the container's port", async () => {
      const recording = await shop({ port: 9000 });
      assert.deepEqual(specOf(recording, "shop/service")["ports"], [{ name: "http", port: 9000, targetPort: 9000 }]);
      const [container] = deploymentOf(recording).spec.template.spec.containers;
      assert.deepEqual(container?.["ports"], [{ name: "httpport", containerPort: 9000 }]);
      assert.deepEqual((container["livenessProbe"] as { httpGet: object }).httpGet, {
        path: "/actuator/health",
        port: 9000,
      });
    });
  });

  it("lets a transformation have the last word", async () => {
    const recording = await shop(
      {},
      {
        args: {
          transform: {
            deployment: (args) => ({ ...args, metadata: { name: "shop", labels: { team: "web" } } }),
            service: (args) => ({ ...args, spec: { sessionAffinity: "ClientIP" } }),
          },
        },
      },
    );
    assert.deepEqual(deploymentOf(recording).metadata, { name: "shop", labels: { team: "web" } });
    assert.equal(deploymentOf(recording).spec["replicas"], 1, "what it leaves stays");
    assert.deepEqual(specOf(recording, "shop/service"), { sessionAffinity: "ClientIP" });
  });

  describe("takes Pulumi's options", () => {
    let recording: Recording;
    before(async () => {
      recording = await shop(
        { replicas: { min: 2, max: 3 }, versions: { v1: { image: "example/shop:1" } } },
        {
          opts: () => {
            const provider = new Provider("other", { kubeconfig: "{}" });
            const home = new Namespace("home", { metadata: { name: "apps" } }, { provider });
            const label = ({ props, opts }: pulumi.ResourceTransformationArgs) => {
              const { metadata = {} } = props as { metadata?: object };
              return { props: { ...(props as object), metadata: { ...metadata, generation: 7 } }, opts };
            };
            return { provider, protect: true, dependsOn: home, transformations: [label] };
          },
        },
      );
    });
    const children = () => recording.all.filter(({ name }) => name.startsWith("shop/"));

    it("provider: every child is in that one", () => {
      const providers = new Set(children().map(({ provider }) => provider));
      assert.deepEqual([...providers], [`${recording.get("other").urn}::other-id`]);
    });

    it("protect", () => assert.ok(children().length > 5 && children().every(({ protect }) => protect)));

    it("dependsOn: every child waits", () => {
      for (const { name } of children()) assert.ok(recording.isAfter(name, "home"), name);
    });

    it("transformations", () => {
      for (const { inputs } of children()) assert.equal((inputs["metadata"] as { generation: number }).generation, 7);
    });

    it("parent of every child is the component, whose dependants so wait for them all", () => {
      const { urn } = recording.get("shop");
      for (const { name, dependsOn } of children()) assert.ok(dependsOn.includes(urn), name);
    });
  });
});
