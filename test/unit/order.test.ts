import { strict as assert } from "node:assert";
import type { Recording } from "./aws-mocks";
import { clusterObjects, runProgram } from "./ftgo-program";

/** Istio's charts. Their objects are made by the plugin, which tells when all of them are ready. */
const charts = ["mesh/base", "mesh/istiod"] as const;

const services = {
  restaurant: { config: { env: { A: "1" }, files: { "/etc/a": "b" } } },
  consumer: {
    versions: { v1: { image: "example/consumer:1" }, v2: { image: "example/consumer:2" } },
    stable: "v1",
    canary: { version: "v2", weight: 5 },
  },
  gateway: { replicas: { min: 2, max: 4 } },
  shop: { image: "example/shop:1" },
};

describe("what the program registers", () => {
  let recording: Recording;
  before(async () => (recording = await runProgram({ services })));

  const metadataOf = ({ inputs }: { inputs: Record<string, unknown> }) =>
    inputs["metadata"] as { name?: string; namespace?: string; generateName?: string } | undefined;
  const inNamespace = () => clusterObjects(recording).filter((object) => metadataOf(object)?.namespace === "ftgo");

  it("is everything of FTGO's in one namespace, which injects sidecars", () => {
    assert.deepEqual(metadataOf(recording.get("namespace")), {
      name: "ftgo",
      labels: { "istio-injection": "enabled" },
      annotations: { "pulumi.com/patchForce": "true", "ftgo/stack": "test", "ftgo/sidecars": "1.31.0" },
    });
    const elsewhere = clusterObjects(recording).filter((object) => metadataOf(object)?.namespace !== "ftgo");
    assert.deepEqual(elsewhere.map(({ name }) => name).sort(), ["mesh/namespace", "mesh/validation", "namespace"]);
    assert.ok(inNamespace().length > 25);
  });

  it("is nothing in the namespace, nor the namespace, before the mesh is ready", () => {
    for (const { name } of [recording.get("namespace"), ...inNamespace()]) {
      for (const chart of charts) assert.ok(recording.isAfter(name, chart), `${name} does not wait for ${chart}`);
    }
  });

  it("is the mesh in its order: its namespace, the base, istiod, and then that istiod is asked", () => {
    const order = ["mesh/namespace", ...charts, "mesh/validation"];
    for (const [index, later] of order.slice(1).entries()) {
      assert.ok(recording.isAfter(later, order[index] ?? ""), `${later} does not wait for ${order[index]}`);
    }
  });

  it("is nothing in the namespace before the namespace", () => {
    for (const { name } of inNamespace()) assert.ok(recording.isAfter(name, "namespace"), name);
  });

  it("is the database, then the Job that makes its login known, then the Secret, then every service that uses it", () => {
    const order = ["data/mysql", "database/login", "database/secret"];
    for (const last of ["ftgo-restaurant-service/deployment", "ftgo-consumer-service/v1", "ftgo-consumer-service/v2"]) {
      for (const [index, later] of [...order.slice(1), last].entries())
        assert.ok(recording.isAfter(later, order[index] ?? ""), `${later} does not wait for ${order[index]}`);
    }
  });

  it("is no other service that waits for the database: it can be released while there is none yet", () => {
    for (const name of ["ftgo-api-gateway/deployment", "shop/deployment"])
      for (const { name: store } of recording.all.filter(({ name }) => /^(data|database)(\/|$)/.test(name)))
        assert.ok(!recording.isAfter(name, store), `${name} waits for ${store}`);
  });

  it("is no service that waits for Kafka or ZooKeeper: one that does not come up holds up no other part", () => {
    for (const { name } of recording.ofType("Deployment"))
      for (const store of ["data/kafka", "data/zookeeper"])
        assert.ok(!recording.isAfter(name, store), `${name} waits for ${store}`);
  });

  it("is no object whose name Pulumi or Kubernetes makes up", () => {
    for (const object of clusterObjects(recording)) {
      assert.equal(typeof metadataOf(object)?.name, "string", object.name);
      assert.equal(metadataOf(object)?.generateName, undefined, object.name);
    }
  });

  it("is no object that an update could not take back from another hand, or from an update that was killed", () => {
    for (const object of clusterObjects(recording)) {
      const { annotations } = object.inputs["metadata"] as { annotations?: Record<string, string> };
      assert.equal(annotations?.["pulumi.com/patchForce"], "true", object.name);
    }
  });

  it("is no two objects of one kind and name", () => {
    const ids = clusterObjects(recording).map(
      (object) => `${object.type} ${metadataOf(object)?.namespace ?? ""}/${object.object}`,
    );
    assert.deepEqual(ids, [...new Set(ids)]);
  });

  it("is all in one provider, which is told its cluster", () => {
    const { urn, inputs } = recording.get("kubernetes");
    for (const { name, provider } of [...clusterObjects(recording), recording.get("mesh/base")])
      assert.equal(provider, `${urn}::kubernetes-id`, name);
    assert.match(String(inputs["kubeconfig"]), /\/\.ftgo\/kubeconfig$/);
    assert.deepEqual(
      recording.all.filter(({ type }) => type.startsWith("pulumi:providers:")).map(({ name }) => name),
      ["kubernetes"],
    );
  });

  it("is nothing else that a provider would have to make", () => {
    const others = recording.all.filter(({ type, custom }) => custom && !type.startsWith("kubernetes:"));
    assert.deepEqual(
      others.map(({ name }) => name),
      ["kubernetes"],
    );
  });

  it("is, in a cluster that exists, all in the context that config names", async () => {
    const cluster = { kind: "kubeconfig", path: "/somewhere/config", context: "staging" };
    const { inputs } = (await runProgram({ cluster })).get("kubernetes");
    const { kubeconfig, context } = inputs;
    assert.deepEqual({ kubeconfig, context }, { kubeconfig: "/somewhere/config", context: "staging" });
  });
});
