import { strict as assert } from "node:assert";
import { ConfigError, defineService, parseStackConfig } from "../../components/config";
import { clusterObjects, runProgram } from "./ftgo-program";
import { specOf } from "./shop";

describe("The stack of a team, in the mesh that another stack has installed", () => {
  const joined = (shop: object, values: object = {}) => ({
    cluster: { kind: "kubeconfig", context: "shared" },
    namespace: "shop",
    mesh: { install: false },
    services: { orders: { image: "shop/orders:1", ...shop }, cart: { image: "shop/cart:1" } },
    ...values,
  });
  const run = (shop: object = {}) => runProgram(joined(shop, { secrets: {} }));

  it("makes nothing of Istio but what its own services are, and no data stores that nobody uses", async () => {
    const recording = await run();
    const objects = clusterObjects(recording).map(({ kind, name }) => `${kind} ${name}`);
    const ofService = (name: string) => [
      `AuthorizationPolicy ${name}/callers`,
      `Deployment ${name}/deployment`,
      `DestinationRule ${name}/one-image/subset`,
      `DestinationRule ${name}/policy`,
      `Service ${name}/service`,
      `ServiceAccount ${name}/account`,
      `VirtualService ${name}/route`,
    ];
    const own = [
      "AuthorizationPolicy security/callers",
      "Namespace namespace",
      "PeerAuthentication security/mutual-tls",
    ];
    assert.deepEqual(objects.sort(), [...ofService("cart"), ...ofService("orders"), ...own].sort());
    assert.deepEqual(recording.ofType("Release"), []);
  });

  it("has sidecars of that mesh in its namespace", async () => {
    const { metadata } = (await run()).get("namespace").inputs as { metadata: { name: string; labels: object } };
    assert.equal(metadata.name, "shop");
    assert.deepEqual(metadata.labels, { "istio-injection": "enabled" });
  });

  it("lets callers of other namespaces in, told by their certificates, and counts them", async () => {
    const callers = ["cart", "ftgo/ftgo-api-gateway"];
    const limits = { callers: { "ftgo/ftgo-api-gateway": { requests: 5 } } };
    const recording = await run({ callers, traffic: { limits } });
    const principals = ["cluster.local/ns/shop/sa/cart", "cluster.local/ns/ftgo/sa/ftgo-api-gateway"];
    assert.deepEqual(specOf(recording, "orders/callers")["rules"], [{ from: [{ source: { principals } }] }]);
    const text = JSON.stringify(specOf(recording, "orders/limits"));
    assert.ok(text.includes('"suffix":"/ns/ftgo/sa/ftgo-api-gateway"'), text);
  });

  it("is not needed to define one of its services, who may have callers of any namespace", () => {
    const callers = ["ftgo/ftgo-api-gateway"];
    assert.deepEqual(defineService("orders", { image: "shop/orders:1", callers }).callers, callers);
  });

  it("needs the database's passwords when it has a database, and the one that keys hashes when it has secrets", () => {
    const missing = (shop: object, secrets = {}) => {
      try {
        parseStackConfig(joined(shop, { secrets }), "a test");
        return [];
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems.map(({ path }) => path);
      }
    };
    const [password, admin] = ["ftgo:secrets.databasePassword", "ftgo:secrets.databaseAdminPassword"];
    assert.deepEqual(missing({}), []);
    assert.deepEqual(missing({ dataStores: true }), [password, admin]);
    assert.deepEqual(missing({}, { env: { orders: {} } }), []);
    assert.deepEqual(missing({}, { env: { orders: { KEY: { secure: "v1:x" } } } }), [admin]);
  });
});
