import assert from "node:assert/strict";
import type { StackStatus } from "../../../automation";
import { type Platform, succeeded } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";

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

describe("`npm start` sends requests through the five steps", () => {
  let lab: Platform;
  let demo: Demo;

  before(async () => {
    lab = await platform(true);
    await lab.ensureUp();
    demo = JSON.parse(succeeded(await lab.ftgo("demo", "--json")).stdout) as Demo;
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
