import assert from "node:assert/strict";
import { until } from "../../engine/cluster-lab";
import type { Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { during, lost, rate, type Sent, versionsOf } from "../load";

const v1 = { image: "ftgo-consumer-service:v1" };
const v2 = { image: "ftgo-consumer-service:v2" };
const testers = { header: "testuser", regex: "^.+$" };
interface Consumer {
  readonly versions: Readonly<Record<string, object>>;
  readonly stable: string;
  readonly canary?: object;
}

/** How many releases are made in a row; `npm run soak:steps` makes more. */
const releases = Number(process.env["FTGO_RUNS"] ?? 1);

/** Without retries it has to outlast the news of a pod's end, which takes its time where other tests run beside. */
const stop = { drainSeconds: 6 };

/** A retry could hide that a request was lost. They are on in all other tests. */
const once = { retries: { attempts: 0 } };

describe("While requests come, each sent once, none is lost (promise 1)", () => {
  let lab: Platform;
  let url = "";

  before(async () => {
    lab = await platform(true);
    await lab.bring({
      "services.restaurant.stop": stop,
      "services.gateway.stop": stop,
      "services.restaurant.traffic": once,
      "services.consumer.traffic": once,
      "services.gateway.traffic": once,
    });
    url = (await lab.project.status()).gateway.url ?? assert.fail();
  });

  /** Works while requests come, reading and writing, over new connections and kept ones: none may be lost. */
  async function losingNone(work: () => Promise<unknown>): Promise<Sent[]> {
    const requests = ["GET /consumers/1", "POST /consumers/1", "GET /restaurants/1"];
    const ways = [true, false].map((keepAlive) => ({ url, requests, rate: rate / 2, keepAlive }));
    const sent = await during(ways, work);
    assert.deepEqual(lost(sent), []);
    assert.ok(sent.length > rate, `${sent.length} requests`);
    return sent;
  }

  const change = async ({ versions, stable, canary }: Consumer) => {
    const edits = { versions, stable, canary, stop };
    lab.set(Object.fromEntries(Object.entries(edits).map(([key, value]) => [`services.consumer.${key}`, value])));
    await lab.project.up({ refresh: false });
  };
  const images = { v1, v2 };
  type Name = keyof typeof images;
  const only = (stable: Name) => ({ versions: { [stable]: images[stable] }, stable });
  const both = { versions: images, stable: "v1" };

  async function release(from: Name, to: Name): Promise<void> {
    const old = { ...both, stable: from };
    await change({ ...old, canary: { version: to, weight: 0 } });
    await change({ ...old, canary: { version: to, weight: 0, testers } });
    for (const weight of [5, 50, 100]) await change({ ...old, canary: { version: to, weight, testers } });
    await change({ ...both, stable: to });
    await change(only(to));
  }

  it("in the five steps of a release", async () => {
    await change(only("v1"));
    const sent = await losingNone(async () => {
      for (let round = 0; round < releases; round++) {
        if (round % 2 === 0) await release("v1", "v2");
        else await release("v2", "v1");
      }
    });
    const { v1: before = 0, v2: after = 0 } = versionsOf(sent.filter(({ url }) => url.includes("consumers")));
    assert.ok(before > 0 && after > 0, `${before} to v1, ${after} to v2`);
  });

  it("in a jump from one version to another in one edit, and back", async () => {
    await change(only("v2"));
    await losingNone(async () => {
      for (let round = 0; round < releases; round++) {
        await change(only("v1"));
        await change(only("v2"));
      }
    });
  });

  it("in a rollback", async () => {
    await change({ ...both, canary: { version: "v2", weight: 50, testers } });
    await losingNone(() => lab.project.rollback("consumer"));
  });

  it("in rolling updates of services and gateway", async () => {
    await losingNone(async () => {
      lab.set({
        "services.restaurant.image": "ftgo-restaurant-service:next",
        "services.gateway.image": "ftgo-api-gateway:next",
      });
      await lab.project.up({ refresh: false });
    });
  });

  it("in a rollout that cannot succeed, and `kubectl rollout undo`", async () => {
    await losingNone(async () => {
      lab.set({
        "services.restaurant.image": "ftgo-restaurant-service:unready",
        "services.restaurant.rollout": { deadlineSeconds: 3 },
      });
      await assert.rejects(lab.project.up({ refresh: false }));
      await lab.kubectl("rollout", "undo", "deployment", "ftgo-restaurant-service");
      await lab.kubectl("rollout", "status", "deployment", "ftgo-restaurant-service", "--timeout=2m");
    });
    lab.set({
      "services.restaurant.image": "ftgo-restaurant-service:next",
      "services.restaurant.rollout": undefined,
    });
    await lab.project.up({ refresh: false });
  });

  it("with fewer pods and more, and in the drain of a node", async () => {
    await losingNone(async () => {
      for (const replicas of [3, 1, 2]) {
        lab.set({ "services.restaurant.replicas": replicas });
        await lab.project.up({ refresh: false });
      }
      const [pod] = await lab.list<{ nodeName: string }>("pods", "-l", "app=ftgo-restaurant-service");
      const node = pod?.spec.nodeName ?? "";
      await lab.kubectl(
        "drain",
        node,
        "--ignore-daemonsets",
        "--delete-emptydir-data",
        "--pod-selector=app=ftgo-restaurant-service",
        "--timeout=2m",
      );
      await lab.kubectl("uncordon", node);
    });
  });

  it("with istiod killed, and in a rollback right after it is back", async () => {
    await change({ ...both, canary: { version: "v2", weight: 50, testers } });
    await losingNone(async () => {
      await lab.kubectl("delete", "pods", "-n", "istio-system", "-l", "app=istiod", "--grace-period=0", "--force");
      // Its webhook checks routes; without it none can be changed.
      const dryRun = ["annotate", "virtualservice", "ftgo-consumer-service", "some=thing", "--dry-run=server"];
      const isBack = () =>
        lab.kubectl(...dryRun).then(
          () => true,
          () => false,
        );
      await until("routes are checked again", isBack);
      await lab.project.rollback("consumer");
    });
  });
});
