import assert from "node:assert/strict";
import { type KubeObject, type Outcome, passwordIn, type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";
import { isReady } from "../watch";

interface PodSpec {
  readonly containers: { name: string }[];
  readonly initContainers?: { name: string; restartPolicy?: string }[];
}

describe("From nothing to the whole platform, by plain `pulumi up`", () => {
  let lab: Platform;
  let first: Outcome;

  before(async () => {
    lab = await platform();
    first = await lab.pulumi("up", "--yes");
  });

  it("works without a word of ours before it", () => {
    succeeded(first);
    assert.doesNotMatch(first.stdout + first.stderr, /\berror\b/i);
  });

  it("makes the seed's objects under the seed's names", async () => {
    const kinds =
      "deployments,statefulsets,services,serviceaccounts,poddisruptionbudgets,destinationrules,virtualservices";
    const names = (await lab.kubectl("get", `${kinds},secrets,persistentvolumeclaims`, "-o", "name")).split("\n");
    assert.deepEqual(names.map((name) => name.replace(/^(\w+)\.\S+?\//, "$1/")).sort(), [
      "deployment/ftgo-api-gateway",
      "deployment/ftgo-consumer-service-v1",
      "deployment/ftgo-restaurant-service",
      "destinationrule/ftgo-api-gateway",
      "destinationrule/ftgo-api-gateway-one-image",
      "destinationrule/ftgo-consumer-service",
      "destinationrule/ftgo-consumer-service-v1",
      "destinationrule/ftgo-restaurant-service",
      "destinationrule/ftgo-restaurant-service-one-image",
      "persistentvolumeclaim/data-ftgo-kafka-0",
      "persistentvolumeclaim/data-ftgo-mysql-0",
      "persistentvolumeclaim/data-ftgo-zookeeper-0",
      "poddisruptionbudget/ftgo-api-gateway",
      "poddisruptionbudget/ftgo-restaurant-service",
      "secret/ftgo-db-secret",
      "secret/ftgo-mysql-admin",
      "secret/ftgo-mysql-login",
      "service/ftgo-api-gateway",
      "service/ftgo-consumer-service",
      "service/ftgo-kafka",
      "service/ftgo-mysql",
      "service/ftgo-restaurant-service",
      "service/ftgo-zookeeper",
      "serviceaccount/default",
      "serviceaccount/ftgo-api-gateway",
      "serviceaccount/ftgo-consumer-service",
      "serviceaccount/ftgo-kafka",
      "serviceaccount/ftgo-mysql",
      "serviceaccount/ftgo-mysql-login",
      "serviceaccount/ftgo-restaurant-service",
      "serviceaccount/ftgo-zookeeper",
      "statefulset/ftgo-kafka",
      "statefulset/ftgo-mysql",
      "statefulset/ftgo-zookeeper",
      "virtualservice/ftgo-api-gateway",
      "virtualservice/ftgo-consumer-service",
      "virtualservice/ftgo-restaurant-service",
    ]);
  });

  it("gives the gateway an address, which is the stack's output", async () => {
    const { spec, status } = await lab.get<{ type: string }>("service", "ftgo-api-gateway");
    assert.equal(spec.type, "LoadBalancer");
    const { ingress } = status["loadBalancer"] as { ingress: { ip: string }[] };
    assert.match(ingress[0]?.ip ?? "", /^10\.97\.0\.\d+$/);
    const { stdout } = succeeded(await lab.pulumi("stack", "output", "--json"));
    assert.deepEqual((JSON.parse(stdout) as Record<string, unknown>)["gateway"], { url: `http://${ingress[0]?.ip}` });
  });

  it("binds every volume and has every pod ready", async () => {
    for (const { metadata, status } of await lab.list("persistentvolumeclaims"))
      assert.equal(status["phase"], "Bound", metadata.name);
    const pods = await lab.list("pods", "-l", "app!=ftgo-mysql-login");
    assert.equal(pods.length, 8);
    for (const pod of pods) assert.ok(isReady(pod), pod.metadata.name);
  });

  it("has made the database's login known by one Job, which has completed", async () => {
    const jobs = await lab.list("jobs");
    assert.deepEqual(
      jobs.map(({ metadata, status }) => [metadata.name.replace(/[0-9a-f]{8}$/, "<tag>"), status["succeeded"]]),
      [["ftgo-mysql-login-<tag>", 1]],
    );
  });

  it("has a sidecar in every FTGO pod: istio-init and istio-proxy beside the service", async () => {
    for (const { metadata, spec } of await lab.list<PodSpec>("pods")) {
      const helpers = spec.initContainers ?? [];
      assert.equal(helpers[0]?.name, "istio-init", metadata.name);
      // Beside the service, or as a native sidecar: an init container that stays.
      const native = helpers.filter(({ restartPolicy }) => restartPolicy === "Always");
      const beside = [...spec.containers, ...native].map(({ name }) => name).sort();
      const own = metadata.name.startsWith("ftgo-consumer") ? "ftgo-consumer-service" : metadata.labels?.["app"];
      assert.deepEqual(beside, [own, "istio-proxy"].sort(), metadata.name);
    }
  });

  it("changes nothing the second time", async () => {
    const before = await generations(lab);
    succeeded(await lab.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes"));
    assert.deepEqual(await generations(lab), before);
  });

  it("keeps the generated password out of state, exports and everything that is printed", async () => {
    assert.deepEqual(await passwordIn(lab), []);
  });

  it("touches no cluster but its own, whatever KUBECONFIG says", async () => {
    assert.equal(lab.strays, 0);
    // The trap works: this is what a stray command would do.
    await lab.ambientKubectl();
    assert.ok(lab.strays > 0);
    lab.strays = 0;
  });
});

/** What changes when an object is changed, by name. */
async function generations(lab: Platform): Promise<string[]> {
  const kinds = "deployments,statefulsets,virtualservices,destinationrules,services,configmaps,pods";
  const objects: KubeObject[] = await lab.list(kinds);
  return objects.map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.generation}`).sort();
}
