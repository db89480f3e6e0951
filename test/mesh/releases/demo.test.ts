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
  readonly steps: readonly { readonly service: StackStatus["services"][number]; readonly traffic?: Seen }[];
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
    for (const { service, traffic } of demo.steps.slice(1)) {
      const { weights, testers } = service.live ?? assert.fail();
      const named = Object.keys(weights);
      for (const version of Object.keys(traffic?.users ?? {})) assert.ok(named.includes(version), version);
      if (testers) assert.deepEqual(Object.keys(traffic?.testers ?? {}), [testers.version]);
    }
    assert.ok(demo.steps.some(({ traffic }) => Object.keys(traffic?.users ?? {}).length === 2));
  });
});
