import { strict as assert } from "node:assert";
import type { Cluster } from "../../automation/cluster";
import type { Engine } from "../../automation/engine";
import { UpdateError } from "../../automation/errors";
import { serviceOf } from "../../automation/release";
import { update } from "../../automation/update";
import { ConfigError, type Environment, parseStackConfig, type Service } from "../../components/config";
import { valid } from "./refusals";

const environment = parseStackConfig(valid, "test");
const deployment = "kubernetes:apps/v1:Deployment";

describe("An update whose pods do not come up", () => {
  const failures = ["restaurant", "consumer"].map((key) => {
    const { name } = environment.services.find((service) => service.key === key) ?? assert.fail();
    return { resource: `${name}/deployment`, type: deployment, reason: "timed out" };
  });
  const engine = { up: () => Promise.reject(new UpdateError("2 resources failed", failures)) } as unknown as Engine;
  const cluster = { get: () => Promise.resolve([]) } as unknown as Cluster;
  const ended = async (
    canGoBack: (service: Service) => Promise<boolean>,
    stack = "prod",
    ofStack: Environment = environment,
  ) => {
    const part = { services: [], target: [] };
    const args = { engine, stack, environment: ofStack, canGoBack, cluster, onProgress: undefined };
    const error = await update(args, { part }).catch((thrown: unknown) => thrown);
    return error instanceof UpdateError ? error.message.split("\n").slice(1) : assert.fail(String(error));
  };

  it("names the way back for those that have one, on their stack", async () => {
    assert.deepEqual(await ended(({ key }) => Promise.resolve(key === "restaurant")), [
      "  Mend stacks/Pulumi.prod.yaml and run `ftgo up --stack prod` again, or go back: `ftgo rollback restaurant --stack prod`",
    ]);
    assert.deepEqual(await ended(() => Promise.resolve(false), "local"), [
      "  Mend stacks/Pulumi.local.yaml and run `ftgo up` again",
    ]);
  });

  it("says of a service with versions that its users alone go back", async () => {
    const consumer = { versions: { v1: { image: "c:1" }, v2: { image: "c:2" } }, stable: "v1" };
    const released = parseStackConfig({ ...valid, services: { ...valid.services, consumer } }, "test");
    assert.deepEqual(await ended(({ key }) => Promise.resolve(key === "consumer"), "local", released), [
      "  Mend stacks/Pulumi.local.yaml and run `ftgo up` again, or go back: " +
        "`ftgo rollback consumer` (its users; its versions stay as they are)",
    ]);
  });

  it("is told of all the same when somebody is just editing the file", async () => {
    assert.deepEqual(await ended(() => Promise.reject(new ConfigError([], "stacks/Pulumi.prod.yaml"))), []);
  });
});

describe("An update of one service", () => {
  const guarded = {
    ...valid,
    services: { ...valid.services, gateway: { expose: { kind: "LoadBalancer", testers: {} } } },
  };
  const targets = (raw: Record<string, unknown>) => {
    const all = parseStackConfig(raw, "test");
    return serviceOf(all.services.find(({ key }) => key === "restaurant") ?? assert.fail(), all).target;
  };
  const own = ["**::ftgo-restaurant-service", "**::ftgo-restaurant-service/**"];

  it("takes along who may send testers' headers from outside, and nothing else of whom it is open to", () => {
    assert.deepEqual(targets(guarded), [...own, "**::ftgo-api-gateway", "**::ftgo-api-gateway/testers"]);
    assert.deepEqual(targets(valid), own);
  });
});
