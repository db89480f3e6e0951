import { strict as assert } from "node:assert";
import { changesByHand, describeByHand } from "../../automation/by-hand";
import type { Cluster } from "../../automation/cluster";

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
