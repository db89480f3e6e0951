import assert from "node:assert/strict";
import { passwordIn, type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";
import { audiences, type Route } from "../watch";

const consumer = "ftgo-consumer-service";
const to = (subset: string) => ({ destination: { host: consumer, subset } });
const shares = (v2: number, v3: number) => [
  { ...to("v2"), weight: v2 },
  { ...to("v3"), weight: v3 },
];

describe("A promotion", () => {
  let lab: Platform;
  const rules = async () => audiences((await lab.get<Route>("virtualservice", consumer)).spec);

  before(async () => {
    lab = await platform();
    await lab.bring({ "services.consumer": { versions: { v2: { image: "ftgo-consumer-service:v2" } }, stable: "v2" } });
  });

  it("is made by examples/promote.ts, and taken back by a rollback of the route alone", async () => {
    lab.set({
      "services.consumer.versions.v3": { image: "ftgo-consumer-service:v3" },
      "services.consumer.canary": { version: "v3", weight: 0 },
    });
    const { stdout } = succeeded(await lab.example("promote.ts", "50"));
    assert.match(stdout, /^users get 50 % v2, 50 % v3\n3 changed in /);
    assert.deepEqual(await rules(), [{ route: shares(50, 50) }]);
    const { changes } = await lab.project.rollback("consumer");
    assert.deepEqual(
      changes.map(({ name }) => name),
      ["ftgo-consumer-service/route"],
    );
    assert.deepEqual(await rules(), [{ route: [{ ...to("v2"), weight: 100 }] }]);
  });

  it("to all users is taken back by a rollback of the route alone, too", async () => {
    await lab.project.promote("consumer", { weight: 100 });
    assert.deepEqual(await rules(), [{ route: [{ ...to("v3"), weight: 100 }] }]);
    await lab.project.rollback("consumer");
    assert.deepEqual(await rules(), [{ route: [{ ...to("v2"), weight: 100 }] }]);
  });

  it("rolls no pods because config names another mesh by now: they wait for its istiod", async () => {
    const generations = async () => (await lab.list("deployments")).map(({ metadata }) => metadata.generation);
    const before = await generations();
    lab.set({ "mesh.version": "1.31.9" });
    succeeded(await lab.ftgo("promote", "consumer", "--weight", "20"));
    assert.deepEqual(await rules(), [{ route: shares(80, 20) }]);
    assert.deepEqual(await generations(), before);
    const { stdout } = succeeded(await lab.pulumi("preview", "--diff"));
    assert.match(stdout, /"1\.31\.0" => "1\.31\.9"/);
    lab.set({ "mesh.version": undefined });
  });

  it("puts back what another hand took away before it routes to it", async () => {
    await lab.kubectl("delete", "destinationrule", `${consumer}-v3`);
    succeeded(await lab.ftgo("promote", "consumer", "--weight", "10"));
    assert.match(lab.config, /weight: 10/);
    assert.deepEqual(await rules(), [{ route: shares(90, 10) }]);
    assert.ok(await lab.get("destinationrule", `${consumer}-v3`));
  });

  it("is not rolled back to a version that could not answer", async () => {
    await lab.kubectl("scale", `deployment/${consumer}-v2`, "--replicas=0");
    await lab.kubectl("rollout", "status", `deployment/${consumer}-v2`, "--timeout=2m");
    const { exitCode, stderr } = await lab.ftgo("rollback", "consumer");
    assert.equal(exitCode, 2);
    assert.match(stderr, /version v2 has no ready pod \(ftgo-consumer-service-v2: 0 of 0\)\. Nothing was changed/);
    assert.deepEqual(await rules(), [{ route: shares(90, 10) }]);
    assert.match(lab.config, /weight: 10/);
  });

  it("tells nobody the password", async () => {
    assert.deepEqual(await passwordIn(lab), []);
  });

  it("touches no cluster but its own", () => assert.equal(lab.strays, 0));
});
