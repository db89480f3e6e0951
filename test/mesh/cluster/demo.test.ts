import assert from "node:assert/strict";
import type { StackStatus } from "../../../automation";
import { type Platform, succeeded } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { audiences, brokenRoutes, collections, type Route, Watch } from "../../engine/watch";

interface Seen {
  readonly requests: number;
  readonly lost: number;
  readonly users: Readonly<Record<string, number>>;
  readonly testers: Readonly<Record<string, number>>;
}
interface Demo {
  readonly steps: readonly {
    readonly edit: string;
    readonly service: StackStatus["services"][number];
    readonly traffic?: Seen;
  }[];
  readonly traffic: Seen;
}

const consumer = "ftgo-consumer-service";
const testers = { header: "testuser", regex: "^.+$", version: "v2" };

describe("`npm start` walks the consumer service through the five steps, under requests", () => {
  let lab: Platform;
  let watch: Watch | undefined;
  let demo: Demo;

  before(async () => {
    lab = await platform(true);
    await lab.ensureUp();
    watch = await Watch.open(lab, collections.pods, collections.routes, collections.rules);
    demo = JSON.parse(succeeded(await lab.ftgo("demo", "--json")).stdout) as Demo;
  });
  after(() => watch?.stop());

  it("one after the other", () => {
    assert.deepEqual(
      demo.steps.map(({ service }) => service.live),
      [
        { weights: { v1: 100 } },
        { weights: { v1: 100 } },
        { weights: { v1: 100 }, testers },
        { weights: { v1: 95, v2: 5 }, testers },
        { weights: { v1: 75, v2: 25 }, testers },
        { weights: { v1: 50, v2: 50 }, testers },
        { weights: { v2: 100 }, testers },
        { weights: { v2: 100 } },
        { weights: { v2: 100 } },
      ],
    );
    for (const { edit, service } of demo.steps) assert.deepEqual(service.differences, [], edit);
  });

  it("never naming a version without a ready pod or without its subset", async () => {
    const moments = (await watch?.close()) ?? [];
    assert.ok(moments.length > 10, `${moments.length} moments`);
    for (const moment of moments) assert.deepEqual(brokenRoutes(moment), []);
  });

  it("to v2 alone, for all users", async () => {
    const { spec } = await lab.get<Route>("virtualservice", consumer);
    assert.deepEqual(audiences(spec), [{ route: [{ destination: { host: consumer, subset: "v2" }, weight: 100 }] }]);
    const deployments = (await lab.list("deployments")).map(({ metadata }) => metadata.name);
    assert.deepEqual(
      deployments.filter((name) => name.startsWith(consumer)),
      [`${consumer}-v2`],
    );
  });

  it("of which none is lost, and all are counted", () => {
    const { requests, lost } = demo.traffic;
    assert.equal(lost, 0);
    assert.ok(requests > 500, `${requests}`);
    const counted = demo.steps.reduce((sum, { traffic }) => sum + (traffic?.requests ?? 0), 0);
    assert.ok(counted <= requests && counted > requests * 0.9, `${counted} of ${requests} in the steps`);
  });

  it("and says of each which versions answered: those that the route names, of users and of testers", () => {
    const afterUp = demo.steps.slice(1);
    for (const { edit, service, traffic } of afterUp) {
      assert.ok(traffic, edit);
      const { weights, testers } = service.live ?? assert.fail();
      const [users, named] = [Object.keys(traffic.users), Object.keys(weights)];
      assert.ok(users.length > 0 && users.every((version) => named.includes(version)), `${edit}: ${String(users)}`);
      if (testers) assert.deepEqual(Object.keys(traffic.testers), [testers.version], edit);
    }
    const users = afterUp.map(({ traffic }) => Object.keys(traffic?.users ?? {}).join());
    assert.deepEqual([users[0], users.at(-1)], ["v1", "v2"]);
    assert.ok(users.includes("v1,v2"));
  });
});
