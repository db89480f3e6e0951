import { strict as assert } from "node:assert";
import { changesByHand, describeByHand } from "../../automation/by-hand";
import type { Cluster } from "../../automation/cluster";
import { asWanted } from "../../automation/take-back";

const image = { "f:containers": { 'k:{"name":"shop"}': { ".": {}, "f:image": {} } } };
const ofPod = (spec: object) => ({ "f:spec": { "f:template": { "f:spec": spec } } });
const time = "2026-01-02T03:04:05Z";

async function found(...managedFields: object[]): Promise<string[]> {
  const shop = { kind: "Deployment", metadata: { name: "shop", managedFields } };
  const cluster = { get: () => Promise.resolve([shop]) } as unknown as Cluster;
  return (await changesByHand("ftgo", cluster)).map(describeByHand);
}

describe("what another hand has changed", () => {
  it("is told by object, field and tool, entries of lists by their keys", async () => {
    assert.deepEqual(await found({ manager: "kubectl-set", time, fieldsV1: ofPod(image) }), [
      `Deployment shop: spec.template.spec.containers[shop].image (kubectl-set, ${time})`,
    ]);
  });

  it("is nothing that Pulumi, a controller or an autoscaler has written", async () => {
    const fieldsV1 = ofPod(image);
    const scale = { manager: "keda", subresource: "scale", time, fieldsV1 };
    const machines = ["pulumi-kubernetes-1a2b3c", "kube-controller-manager", "aws-load-balancer-controller"];
    assert.deepEqual(await found(scale, ...machines.map((manager) => ({ manager, time, fieldsV1 }))), []);
  });

  it("is no note of kubectl's own, such as that of a restart", async () => {
    const notes = { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } };
    const fieldsV1 = { "f:spec": { "f:template": { "f:metadata": notes } } };
    assert.deepEqual(await found({ manager: "kubectl-rollout", time, fieldsV1 }), []);
  });
});

describe("what another hand has added to an object", () => {
  const container = { name: "shop", image: "shop:1", env: [{ name: "COLOUR", value: "red" }] };
  const wanted = {
    spec: {
      replicas: 2,
      ports: [{ port: 80, targetPort: 8080 }],
      template: { spec: { containers: [container] } },
    },
  };
  const debug = { name: "DEBUG", value: "1" };
  const live = {
    kind: "Deployment",
    metadata: {
      name: "shop",
      labels: { by: "hand" },
      managedFields: [
        {
          manager: "kubectl-edit",
          fieldsV1: {
            "f:metadata": { "f:labels": { "f:by": {} } },
            "f:spec": {
              "f:paused": {},
              "f:replicas": {},
              "f:ports": {
                'k:{"port":80,"protocol":"TCP"}': { "f:targetPort": {} },
                'k:{"port":81,"protocol":"TCP"}': { ".": {}, "f:port": {} },
              },
              "f:template": {
                "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } },
                "f:spec": {
                  "f:containers": {
                    'k:{"name":"shop"}': {
                      "f:image": {},
                      "f:command": {},
                      "f:env": { 'k:{"name":"DEBUG"}': { ".": {}, "f:name": {}, "f:value": {} } },
                    },
                    'k:{"name":"spy"}': { ".": {}, "f:image": {}, "f:name": {} },
                  },
                },
              },
            },
          },
        },
        { manager: "kube-controller-manager", fieldsV1: { "f:spec": { "f:nodeName": {} } } },
      ],
    },
    spec: {
      replicas: 3,
      paused: true,
      nodeName: "a",
      ports: [
        { port: 80, protocol: "TCP", targetPort: 9090 },
        { port: 81, protocol: "TCP" },
      ],
      template: {
        metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": time } },
        spec: {
          containers: [
            { ...container, image: "shop:2", command: ["sh"], env: [...container.env, debug] },
            { name: "spy", image: "spy:1" },
          ],
          dnsPolicy: "ClusterFirst",
        },
      },
    },
  };

  it("goes, and nothing else: not what config speaks of, which Pulumi puts right, nor a note, a default or a controller's", () => {
    const { metadata, spec } = asWanted(live, wanted);
    assert.deepEqual(metadata, {
      name: "shop",
      labels: { by: "hand" },
      annotations: { "pulumi.com/patchForce": "by-hand" },
    });
    assert.deepEqual(spec, {
      replicas: 3,
      nodeName: "a",
      ports: [{ port: 80, protocol: "TCP", targetPort: 9090 }],
      template: {
        metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": time } },
        spec: { containers: [{ ...container, image: "shop:2" }], dnsPolicy: "ClusterFirst" },
      },
    });
  });
});
