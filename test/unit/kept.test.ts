import assert from "node:assert/strict";
import type { Cluster } from "../../automation/cluster";
import type { Resource } from "../../automation/engine";
import { MissingError, OperationError } from "../../automation/errors";
import { keepMesh, keepProtected } from "../../automation/kept";

const resource = (type: string, name: string, more: Partial<Resource> = {}): Resource => ({
  urn: `urn:pulumi:prod::ftgo::${type}::${name}`,
  type,
  ...more,
});
const namespace = (name: string) => resource("kubernetes:core/v1:Namespace", "namespace", { id: name });
const component = resource("ftgo:mesh:Mesh", "mesh");
const mesh = {
  ...namespace("istio-system"),
  urn: "urn:pulumi:prod::ftgo::ftgo:mesh:Mesh$kubernetes:core/v1:Namespace::mesh/namespace",
};

describe("What a stack must not lose", () => {
  it("is a cluster that is protected: its end is refused before anything in it has gone", () => {
    const cluster = (protect: boolean) => ({
      resources: [resource("aws:eks/cluster:Cluster", "cluster/cp", { protect })],
    });
    assert.throws(
      () => keepProtected(cluster(true), "prod"),
      /^UsageError: stack prod is protected from being deleted \(cluster\/cp\).*deletionProtection to false .*`ftgo up --stack prod`/,
    );
    keepProtected(cluster(false), "prod");
    keepProtected({}, "prod");
  });

  describe("is a mesh that others use", () => {
    const there = [
      { name: "ftgo", labels: { "istio-injection": "enabled" } },
      { name: "istio-system", labels: {} },
    ];
    /** @returns what is told meanwhile */
    const keepAsking = async (get: () => Promise<object[]>, resources = [mesh, namespace("ftgo")]) => {
      const told: string[] = [];
      const cluster = { get } as unknown as Cluster;
      await keepMesh({ resources }, { stack: "prod", cluster, tell: (text) => told.push(text) });
      return told;
    };
    const keep = (others: object[], resources?: Resource[]) =>
      keepAsking(
        () => Promise.resolve([...there, ...others].map((metadata) => ({ kind: "Namespace", metadata }))),
        resources,
      );
    const shop = { name: "shop", labels: { "istio.io/rev": "1-31-1" }, annotations: { "ftgo/stack": "shop" } };

    it("by whatever control plane, whatever the stack file says by now", async () => {
      const says = /go with stack prod, .*: shop \(`ftgo destroy --stack shop`\), own\. Nothing was changed/;
      await assert.rejects(keep([shop, { name: "own", labels: { "istio-injection": "enabled" } }]), says);
    });

    it("and no other: not where there is none, nor its own namespaces", async () => {
      await keep([shop], [namespace("ftgo")]);
      await keep([shop], [component, namespace("ftgo")]); // it was refused
      await keep([]);
    });

    it("and is kept when the cluster does not tell; one that is gone keeps nothing, which is said", async () => {
      await assert.rejects(
        keepAsking(() => Promise.reject(new OperationError("forbidden"))),
        /forbidden/,
      );
      assert.deepEqual(await keepAsking(() => Promise.reject(new MissingError("no answer"))), [
        "whether other namespaces have sidecars of this mesh is not known: no answer",
      ]);
    });
  });
});
