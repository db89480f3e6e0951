import { strict as assert } from "node:assert";
import { runtime, output } from "@pulumi/pulumi";
import type { Recording } from "./aws-mocks";
import { runProgram } from "./ftgo-program";

const services = {
  restaurant: {},
  consumer: {
    versions: { v1: { image: "example/consumer:1" }, v2: { image: "example/consumer:2" } },
    stable: "v1",
    canary: { version: "v2", weight: 5 },
  },
  gateway: {},
  shop: { image: "example/shop:1" },
};

describe("the part of the program that an update of one service runs", () => {
  let whole: Recording;
  let part: Recording;
  const outputs: unknown[] = [];
  before(async () => {
    const look = (given: unknown) => void outputs.push(given);
    whole = await runProgram({ services }, look);
    part = await runProgram({ services }, look, ["consumer"]);
  });

  it("leaves out the mesh and every service that neither it nor an output needs", () => {
    const names = (recording: Recording) => recording.all.map(({ name }) => name);
    const left = names(whole).filter((name) => !names(part).includes(name));
    assert.deepEqual([...new Set(left.map((name) => name.split("/")[0]))].sort(), [
      "ftgo-restaurant-service",
      "mesh",
      "shop",
      "telemetry",
    ]);
    assert.ok(left.includes("ftgo-restaurant-service/deployment"));
  });

  it("makes everything else as the whole program does: the next whole update has nothing to change", () => {
    for (const { name, inputs, dependsOn } of part.all) {
      const same = whole.all.find((resource) => resource.name === name);
      assert.deepEqual(inputs, same?.inputs, name);
      // They wait for what is left out; they are no targets of such an update, so the state keeps that.
      if (name !== "namespace" && !/^security(\/|$)/.test(name))
        assert.deepEqual([...dependsOn].sort(), [...(same?.dependsOn ?? [])].sort(), name);
    }
  });

  it("has the outputs of the whole, which it would otherwise take away", async () => {
    const [all, some] = await Promise.all(outputs.map((each) => valueOfOutput(each)));
    assert.deepEqual(some, all);
    assert.deepEqual(Object.keys((all as { services: object }).services).sort(), Object.keys(services).sort());
  });
});

async function valueOfOutput(value: unknown): Promise<unknown> {
  return runtime.serializeProperty("outputs", output(value), new Set(), {});
}
