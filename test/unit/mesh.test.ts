import { strict as assert } from "node:assert";
import { runProgram } from "./ftgo-program";

const istiod = async (mesh: Record<string, unknown>) => (await runProgram({ mesh })).get("mesh/istiod").inputs;

describe("Istio's charts", () => {
  it("come from a folder of the checkout, whatever version config says of the images", async () => {
    const { chart, version, repositoryOpts } = await istiod({ charts: ".ftgo/charts", version: "1.31.4" });
    assert.deepEqual([chart, version, repositoryOpts], [".ftgo/charts/istiod", undefined, undefined]);
  });

  it("come from a chart repository, in the version of the images", async () => {
    const { chart, version, repositoryOpts } = await istiod({
      charts: "https://example.com/charts",
      version: "1.31.4",
    });
    assert.deepEqual([chart, version, repositoryOpts], ["istiod", "1.31.4", { repo: "https://example.com/charts" }]);
  });

  it("come from an OCI registry, in the version of the images", async () => {
    const { chart, version, repositoryOpts } = await istiod({ charts: "oci://example.com/charts", version: "1.31.4" });
    assert.deepEqual([chart, version, repositoryOpts], ["oci://example.com/charts/istiod", "1.31.4", undefined]);
  });

  it("are told where the images are and how many pods of istiod there are", async () => {
    const { name, namespace, values } = await istiod({ charts: "charts", hub: "example.com/istio", replicas: 3 });
    assert.deepEqual([name, namespace], ["istio-istiod", "istio-system"]);
    const { global, replicaCount } = values as { global: Record<string, unknown>; replicaCount: number };
    assert.deepEqual([global["hub"], global["istioNamespace"], replicaCount], ["example.com/istio", "istio-system", 3]);
  });

  it("make, for another revision, an istiod of its own, which checks Istio's objects and injects the sidecars of all pods", async () => {
    const recording = await runProgram({ mesh: { revision: "1-31-4", version: "1.31.4" } });
    const valuesOf = (name: string) => recording.get(name).inputs["values"] as Record<string, unknown>;
    assert.equal(valuesOf("mesh/istiod")["revision"], "1-31-4");
    const { webhooks } = recording.get("mesh/validation").inputs as {
      webhooks: { clientConfig: { service: { name: string } } }[];
    };
    assert.deepEqual(
      webhooks.map(({ clientConfig }) => clientConfig.service.name),
      ["istiod-1-31-4"],
    );
    const { metadata } = recording.get("namespace").inputs as { metadata: { labels: object } };
    assert.deepEqual(metadata.labels, { "istio.io/rev": "1-31-4" });
    const workloads = [...recording.ofType("Deployment"), ...recording.ofType("StatefulSet")];
    assert.ok(workloads.length > 5);
    for (const { name, inputs } of workloads) {
      const { spec } = inputs as { spec: { template: { metadata: { annotations?: Record<string, string> } } } };
      assert.equal(spec.template.metadata.annotations?.["ftgo/sidecars"], "1-31-4 1.31.4", name);
    }
  });
});
