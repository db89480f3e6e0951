import { strict as assert } from "node:assert";
import { changesByHand, describeByHand } from "../../automation/by-hand";
import type { Cluster } from "../../automation/cluster";
import { OperationError } from "../../automation/errors";
import { ownedBy, takeBack } from "../../automation/take-back";

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

describe("what another hand owns of an object (F8)", () => {
  const env = (name: string, fields: object) => ({
    "f:containers": { 'k:{"name":"shop"}': { "f:env": { [`k:{"name":"${name}"}`]: fields } } },
  });
  const entry = (manager: string, operation: string, fieldsV1: object, apiVersion = "apps/v1") => ({
    ...{ manager, operation, apiVersion, time },
    fieldsV1,
  });
  const added = { ".": {}, "f:name": {}, "f:value": {} };
  const restarted = { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } };
  const label = { "f:metadata": { "f:labels": { "f:by": {} } } };
  const pulumi = entry("pulumi-kubernetes-1", "Apply", ofPod(env("COLOUR", added)));
  const scale = { ...entry("keda", "Update", { "f:spec": { "f:replicas": {} } }), subresource: "scale" };
  const controller = entry("kube-controller-manager", "Update", { "f:status": {} });
  const old = entry("kubectl-create", "Update", { "f:spec": { "f:old": {} } }, "apps/v1beta1");
  const object = (...managedFields: object[]) => ({
    ...{ apiVersion: "apps/v1", kind: "Deployment" },
    metadata: { name: "shop", resourceVersion: "7", managedFields },
  });

  const given = (...managedFields: object[]) => ownedBy("pulumi-kubernetes-1", object(...managedFields));
  const debug = entry("kubectl-edit", "Update", ofPod(env("DEBUG", added)));

  it("becomes Pulumi's, so that its next apply drops it; labels, notes and what a controller owns do not", () => {
    const template = { "f:metadata": restarted, "f:spec": env("DEBUG", added) };
    const edit = entry("kubectl-edit", "Update", { ...label, "f:spec": { "f:paused": {}, "f:template": template } });
    const variables = { 'k:{"name":"COLOUR"}': added, 'k:{"name":"DEBUG"}': added };
    const containers = { 'k:{"name":"shop"}': { "f:env": variables } };
    const owned = { "f:paused": {}, "f:template": { "f:spec": { "f:containers": containers } } };
    assert.deepEqual(given(pulumi, edit, scale, controller, old), {
      resourceVersion: "7",
      annotations: { "pulumi.com/patchForce": "by-hand" },
      managedFields: [
        { ...pulumi, fieldsV1: { "f:spec": owned } },
        { ...edit, fieldsV1: label },
        scale,
        controller,
        old,
      ],
    });
  });

  it("becomes Pulumi's also where it has made the object anew", () => {
    const own = { manager: "pulumi-kubernetes-1", operation: "Apply", apiVersion: "apps/v1", fieldsType: "FieldsV1" };
    const { managedFields } = given(debug) as { managedFields: object[] };
    assert.deepEqual(managedFields, [{ ...own, fieldsV1: debug.fieldsV1 }]);
  });

  it("becomes Pulumi's as what an engine owns that was killed before it could write down its name", () => {
    const lost = entry("pulumi-kubernetes-0", "Apply", ofPod(env("OLD", added)));
    const { managedFields } = given(pulumi, lost) as { managedFields: { manager: string }[] };
    assert.deepEqual(
      managedFields.map(({ manager }) => manager),
      ["pulumi-kubernetes-1"],
    );
  });

  it("is nothing where another version of the API, a controller or an autoscaler has it", () => {
    assert.equal(given(pulumi, old, controller, scale), undefined);
  });

  /** A cluster with one object, which another hand writes again and again while it is to be written. */
  const busy = (conflicts: number) => {
    const written: object[] = [];
    let left = conflicts;
    const cluster = {
      find: () => Promise.resolve(object(pulumi, debug)),
      patchMetadata: (_name: string, _namespace: string, metadata: object) => {
        if (left-- > 0) return Promise.reject(new OperationError("Error from server (Conflict): modified"));
        written.push(metadata);
        return Promise.resolve();
      },
    };
    return { cluster: cluster as unknown as Cluster, written };
  };
  const inState = {
    urn: "",
    type: "",
    inputs: { kind: "Deployment", metadata: { name: "shop", namespace: "ftgo" } },
    outputs: { __fieldManager: "pulumi-kubernetes-1" },
  };
  const back = async (conflicts: number, fields = ["spec.paused"]) => {
    const { cluster, written } = busy(conflicts);
    const told: string[] = [];
    const hands = ["kubectl-edit", "kubectl-set"].map((by) => ({ kind: "Deployment", name: "shop", fields, by, time }));
    const state = () => Promise.resolve({ resources: [inState] });
    await takeBack(hands, { cluster, namespace: "ftgo", state, tell: (text) => told.push(text) });
    return { told, written: written.length };
  };

  it("is handed over once for all hands, also while a rollout writes the object, and told", async () => {
    const { told, written } = await back(3);
    assert.equal(written, 1);
    assert.match(
      told.join("\n"),
      /^changed by another hand, is brought to the stack file: .*kubectl-edit.*; .*kubectl-set.*$/,
    );
  });

  it("stays where it cannot be handed over, and why is told", async () => {
    const { told, written } = await back(9);
    assert.equal(written, 0);
    assert.match(told.join("\n"), /^Deployment\/shop: .*\(Conflict\): modified\nchanged by another hand, stays: /);
  });

  it("stays where it is a label or a note", async () => {
    assert.deepEqual(await back(0, ["metadata.labels.by"]), { told: [], written: 0 });
  });
});
