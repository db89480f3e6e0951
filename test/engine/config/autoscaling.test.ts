import assert from "node:assert/strict";
import { until } from "../cluster-lab";
import type { Platform } from "../platform-lab";
import { Services } from "../services-lab";
import { platform } from "../shared-platform";
import { collections, type Moment, readyPods, Watch } from "../watch";

type Replicas = number | { min: number; max: number };
interface Deployment {
  readonly replicas: number;
}

/** Least number of pods that a value promises. */
const least = (replicas: Replicas) => (typeof replicas === "number" ? replicas : replicas.min);

/** From a number to a range: below it, around it, above it; and from a range to a number. */
const numbers: Record<string, Replicas> = { below: 2, around: 3, above: 2, fixed: { min: 2, max: 4 } };
const ranges: Record<string, Replicas> = {
  below: { min: 1, max: 4 },
  around: { min: 2, max: 5 },
  above: { min: 4, max: 6 },
  fixed: 3,
};

describe("A service's number of pods, as a number and as a range of the autoscaler's", () => {
  let lab: Platform;
  let shop: Services;
  const set = (replicas: Record<string, Replicas>, image = "shop/app:1") =>
    shop.set(
      Object.fromEntries(Object.entries(replicas).map(([name, n]) => [`services.${name}`, { image, replicas: n }])),
    );
  const desired = async () => {
    const found = await lab.list<Deployment>("deployments", "-n", shop.name);
    return Object.fromEntries(found.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
  };
  const settled = async (expected: Record<string, number>) => {
    let found = {};
    await until(`replicas are ${JSON.stringify(expected)}`, async () => {
      found = await desired();
      return (
        JSON.stringify(found, Object.keys(expected).sort()) === JSON.stringify(expected, Object.keys(expected).sort())
      );
    }).catch((error: Error) => assert.fail(`${error.message}; they are ${JSON.stringify(found)}`));
  };
  /** What the cluster went through meanwhile. */
  const during = async (work: () => Promise<unknown>): Promise<Moment[]> => {
    const watch = await Watch.open(lab, collections.pods);
    try {
      await work();
      return await watch.close();
    } finally {
      await watch.stop();
    }
  };
  const fewest = (moments: Moment[], app: string) =>
    Math.min(...moments.map((moment) => readyPods(moment, { app }).length));

  before(async () => {
    lab = await platform();
    await lab.ensureUp();
    shop = await Services.open(lab, "scaled");
    set(numbers);
    await shop.project.up({ refresh: false });
  });

  it("begins with the number, or with the least of the range", async () => {
    assert.deepEqual(await desired(), { above: 2, around: 3, below: 2, fixed: 2 });
  });

  it("never falls below both when a number becomes a range, nor the other way round", async () => {
    const moments = await during(async () => {
      set(ranges);
      await shop.project.up({ refresh: false });
      await settled({ above: 4, around: 3, below: 2, fixed: 3 });
    });
    for (const name of Object.keys(numbers)) {
      const promised = Math.min(least(numbers[name] ?? 0), least(ranges[name] ?? 0));
      assert.ok(fewest(moments, name) >= Math.max(promised, 2), `${name}: ${fewest(moments, name)}`);
    }
  });

  it("stays what the autoscaler has made of it through the next updates", async () => {
    const ranged = ["below", "around", "above"];
    for (const name of ranged) await lab.kubectl("scale", `deployment/${name}`, "--replicas=4", "-n", shop.name);
    for (const name of ranged)
      await lab.kubectl("rollout", "status", `deployment/${name}`, "-n", shop.name, "--timeout=2m");
    const moments = await during(async () => {
      set(ranges, "shop/app:2");
      await shop.project.up({ refresh: false });
      await shop.project.up({ refresh: true });
    });
    assert.deepEqual(await desired(), { above: 4, around: 4, below: 4, fixed: 3 });
    for (const name of ranged) assert.ok(fewest(moments, name) >= 4, `${name}: ${fewest(moments, name)}`);
    assert.deepEqual((await shop.project.preview()).drifted, [], "it is nobody's drift");
  });

  it("holds no update up when it is none: that is how a person switches an autoscaler off", async () => {
    const scale = (count: number) =>
      lab.kubectl("scale", "deployment/below", `--replicas=${count}`, "-n", shop.name, "--timeout=2m");
    await scale(0);
    set(ranges, "shop/app:3");
    await shop.project.up({ refresh: false });
    assert.equal((await desired())["below"], 0);
    await scale(4);
    await lab.kubectl("rollout", "status", "deployment/below", "-n", shop.name, "--timeout=2m");
  });

  it("is the number's again once one is given, at the latest by an update that looks", async () => {
    const moments = await during(async () => {
      set(numbers, "shop/app:2");
      await shop.project.up({ refresh: false });
      // Pulumi takes the autoscaler away at the end of that: until then it may have raised the number once more.
      await shop.project.up();
      await settled({ above: 2, around: 3, below: 2, fixed: 3 });
    });
    for (const name of ["below", "around", "above"])
      assert.ok(fewest(moments, name) >= least(numbers[name] ?? 0), name);
    assert.deepEqual(
      (await lab.list("horizontalpodautoscalers", "-n", shop.name)).map(({ metadata }) => metadata.name),
      ["fixed"],
    );
  });

  it("touches no cluster but its own", () => assert.equal(lab.strays, 0));
});
