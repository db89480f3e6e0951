import assert from "node:assert/strict";
import type { ServiceStatus } from "../../../automation";
import { passwordIn, type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";
import { audiences, brokenRoutes, collections, type Route, Watch } from "../watch";

interface Demo {
  readonly steps: readonly { readonly edit: string; readonly service: ServiceStatus; readonly traffic?: object }[];
  readonly traffic?: object;
}

const testers = { header: "testuser", regex: "^.+$" };
const consumer = "ftgo-consumer-service";
const shares = (v2: number, v3: number) => [
  { ...to("v2"), weight: v2 },
  { ...to("v3"), weight: v3 },
];
const to = (subset: string) => ({ destination: { host: consumer, subset } });

describe("`npm start`, on a platform that is up", () => {
  let lab: Platform;
  let watch: Watch | undefined;
  let demo: Demo;
  let told = "";
  const rules = async () => audiences((await lab.get<Route>("virtualservice", consumer)).spec);

  before(async () => {
    lab = await platform();
    await lab.ensureUp();
    watch = await Watch.open(lab, collections.pods, collections.routes, collections.rules);
    const { stdout, stderr } = succeeded(await lab.ftgo("demo", "--json"));
    demo = JSON.parse(stdout) as Demo;
    told = stderr;
  });
  after(() => watch?.stop());

  it("walks the consumer service through the five steps", () => {
    const rule = { testers: { ...testers, version: "v2" } };
    assert.deepEqual(
      demo.steps.map(({ service }) => service.live),
      [
        { weights: { v1: 100 } },
        { weights: { v1: 100 } },
        { weights: { v1: 100 }, ...rule },
        { weights: { v1: 95, v2: 5 }, ...rule },
        { weights: { v1: 75, v2: 25 }, ...rule },
        { weights: { v1: 50, v2: 50 }, ...rule },
        { weights: { v2: 100 }, ...rule },
        { weights: { v2: 100 } },
        { weights: { v2: 100 } },
      ],
    );
    for (const { edit, service } of demo.steps) assert.deepEqual(service.differences, [], edit);
  });

  it("sends no requests where pods are only shown, and says so", () => {
    assert.match(told, /pods are only shown here, so no requests are sent/);
    assert.ok([demo, ...demo.steps].every(({ traffic }) => traffic === undefined));
  });

  it("never names a version without a ready pod or without its subset", async () => {
    assert.ok(watch);
    const moments = await watch.close();
    assert.ok(moments.length > 10, `${moments.length} moments`);
    for (const moment of moments) assert.deepEqual(brokenRoutes(moment), []);
  });

  it("leaves v2 alone, for all users", async () => {
    assert.deepEqual(await rules(), [{ route: [{ ...to("v2"), weight: 100 }] }]);
    const deployments = (await lab.list("deployments")).map(({ metadata }) => metadata.name);
    assert.deepEqual(
      deployments.filter((name) => name.startsWith(consumer)),
      [`${consumer}-v2`],
    );
  });

  it("goes on with examples/promote.ts, and back by a rollback of the route alone", async () => {
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

  it("rolls no pods by a promotion because config names another mesh by now: they wait for its istiod", async () => {
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

  it("puts back, by `ftgo promote`, what another hand took away before it routes to it", async () => {
    await lab.kubectl("delete", "destinationrule", `${consumer}-v3`);
    succeeded(await lab.ftgo("promote", "consumer", "--weight", "10"));
    assert.match(lab.config, /weight: 10/);
    assert.deepEqual(await rules(), [{ route: shares(90, 10) }]);
    assert.ok(await lab.get("destinationrule", `${consumer}-v3`));
  });

  it("does not roll back to a version that could not answer", async () => {
    await lab.kubectl("scale", `deployment/${consumer}-v2`, "--replicas=0");
    await lab.kubectl("rollout", "status", `deployment/${consumer}-v2`, "--timeout=2m");
    const { exitCode, stderr } = await lab.ftgo("rollback", "consumer");
    assert.equal(exitCode, 2);
    assert.match(stderr, /version v2 has no ready pod \(ftgo-consumer-service-v2: 0 of 0\)\. Nothing was changed/);
    assert.deepEqual(await rules(), [{ route: shares(90, 10) }]);
    assert.match(lab.config, /weight: 10/);
  });

  it("has told nobody the password", async () => {
    assert.deepEqual(await passwordIn(lab), []);
  });

  it("touches no cluster but its own", () => assert.equal(lab.strays, 0));
});
