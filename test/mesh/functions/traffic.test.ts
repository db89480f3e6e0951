import assert from "node:assert/strict";
import { until } from "../../engine/cluster-lab";
import type { Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { isLikely } from "../binomial";
import { InsidePod, shop } from "../inside";
import { countBy, type LoadArgs, lost, send as sendTo, type Sent } from "../load";

const restaurants = { requests: ["GET /restaurants/1"], rate: 200 };
const consumers = { requests: ["GET /consumers/1"], rate: 60 };
const traffic = "services.restaurant.traffic";

describe("How requests are sent and limited (E3)", () => {
  let lab: Platform;
  let url = "";

  before(async () => {
    lab = await platform(true);
  });

  /** Everything as config has it, but for these edits; and until the proxies have heard of it. */
  const bring = async (values: Readonly<Record<string, unknown>>) => {
    await lab.bring(values);
    url = (await lab.project.status()).gateway.url ?? assert.fail();
  };
  const send = (args: Partial<LoadArgs>) => sendTo({ url, ...restaurants, count: 400, ...args });
  const byPod = (sent: readonly Sent[]) => new Map(Object.entries(countBy(sent, ({ answer }) => answer.pod ?? "")));
  const codesOf = (sent: readonly Sent[]) => countBy(sent, ({ code }) => code);
  /**
   * Of 60 requests the consumer service takes 20, as many as it is told to, once its only pod has heard of it.
   * @param news what its sidecar's config had not before
   */
  const takesTwenty = async (news: string) => {
    const [pod] = await lab.pods("ftgo-consumer-service");
    const listeners = ["proxy-config", "listeners", `${pod?.metadata.name}.ftgo`, "--output", "json"];
    await until("it has heard", async () => (await lab.istioctl(...listeners)).stdout.includes(news));
    assert.deepEqual(codesOf(await send({ ...consumers, count: 60 })), { 200: 20, 429: 40 });
  };
  /** A pod of the restaurant service beside its own two. */
  const third = async (tag: string) => {
    const image = `ftgo-restaurant-service:${tag}`;
    const own = "service.istio.io/canonical-name=third";
    const labels = ["app=ftgo-restaurant-service", "ftgo/subset=one-image", own];
    await lab.kubectl("run", tag, `--image=${image}`, "--port=8080", `--labels=${labels.join()}`);
    await lab.kubectl("wait", "--for=condition=Ready", `pod/${tag}`, "--timeout=2m");
    return () => lab.kubectl("delete", "pod", tag, "--grace-period=1");
  };

  it("in turn to the pods, by default", async () => {
    await bring({});
    // Two gateways take turns, each for itself.
    const inTurn = async () => {
      const [first = 0, ...others] = byPod(await send({})).values();
      return others.length === 1 && Math.abs(first - 200) <= 4;
    };
    await until("the proxies have heard of it", inTurn);
    assert.ok((await inTurn()) && (await inTurn()), "by chance that is seen once in three times");
  });

  it("to any pod, by chance", async () => {
    await bring({ [traffic]: { loadBalancer: "RANDOM" } });
    await until("it is by chance", async () => {
      const [first = 0] = byPod(await send({})).values();
      return Math.abs(first - 200) > 4 && isLikely(first, 400, 0.5);
    });
  });

  it("to the pod that is least busy", async () => {
    await bring({ [traffic]: { loadBalancer: "LEAST_REQUEST" } });
    const remove = await third("slow");
    try {
      await until("the slow one gets less than half of its turn", async () => {
        const counts = byPod(await send({}));
        return (counts.get("slow") ?? 0) < 400 / 3 / 2;
      });
    } finally {
      await remove();
    }
  });

  it("always to the same pod by a header, and to both for many values of it", async () => {
    await bring({ [traffic]: { loadBalancer: { header: "x-user" } } });
    await until("one pod for one user", async () => {
      const counts = byPod(await send({ headers: ["x-user: somebody"], count: 100 }));
      return counts.size === 1;
    });
    const pods = new Set<string | undefined>();
    for (let user = 0; user < 40; user++) {
      const answers = await send({ headers: [`x-user: ${user}`], count: 3 });
      assert.equal(byPod(answers).size, 1, `user ${user}`);
      pods.add(answers[0]?.answer.pod);
    }
    assert.equal(pods.size, 2);
  });

  it("to pods of the callers' own zones while there are any, and to others when there are none", async () => {
    const spread = { spread: { zones: "required" } };
    await bring({
      "services.gateway.placement": spread,
      "services.restaurant.placement": spread,
      "services.restaurant.replicas": 3,
      [traffic]: { preferSameZone: true },
    });
    const nodes = await lab.list("nodes");
    const zoneOf = (name: string) =>
      nodes.find(({ metadata }) => metadata.name === name)?.metadata.labels?.["topology.kubernetes.io/zone"];
    const pods = async (app: string) =>
      (await lab.pods<{ nodeName: string }>(app)).map(({ metadata, spec }) => ({
        name: metadata.name,
        zone: zoneOf(spec.nodeName),
      }));
    const callers = (await pods("ftgo-api-gateway")).map(({ zone }) => zone);
    const [away, ...more] = (await pods("ftgo-restaurant-service")).filter(({ zone }) => !callers.includes(zone));
    assert.ok(away && more.length === 0, "three zones, and a gateway in two of them");
    await until("none goes to the third zone", async () => !byPod(await send({})).has(away.name));
    lab.set({ "services.restaurant.replicas": 1 });
    await lab.project.up({ refresh: false });
    assert.deepEqual(lost(await send({})), []);
  });

  it("not to a pod that fails, until it has had its time; and then it is tried again", async () => {
    await bring({ [traffic]: { outliers: { errors: 3, intervalSeconds: 1, ejectSeconds: 2 } } });
    const remove = await third("failing");
    const failures = async () => lost(await send({ count: 200 })).length;
    try {
      // Each of the two gateways finds out for itself, and leaves it out for longer each time.
      await until("it gets its turn", async () => (await failures()) > 0);
      await until("it is left out", async () => (await failures()) === 0);
      await until("it is tried again", async () => (await failures()) > 0);
    } finally {
      await remove();
    }
  });

  it("to the only pod even if it fails: it is never left out", async () => {
    await bring({
      "services.restaurant.image": "ftgo-restaurant-service:failing",
      "services.restaurant.replicas": 1,
      [traffic]: { outliers: { errors: 1, intervalSeconds: 1 } },
    });
    const all = async (count: number) =>
      (await send({ count })).filter(({ code, answer }) => code === 500 && answer.pod);
    await until("the pods before have gone", async () => (await all(100)).length === 100);
    assert.equal((await all(600)).length, 600);
  });

  it("again when they surely were not processed; read-only ones after an error too, by choice", async () => {
    const env = { FAIL_SHARE: "0.3", FAIL_CODE: "503" };
    await bring({ "services.restaurant.env": env });
    const share = (sent: readonly Sent[]) => lost(sent).length / sent.length;
    assert.ok(share(await send({})) > 0.2, "503 of an application is not tried again by itself");
    lab.set({ [traffic]: { retries: { readOnlyAttempts: 5 } } });
    await lab.project.up({ refresh: false });
    await until("reads are tried again", async () => share(await send({})) < 0.02);
    assert.ok(share(await send({ requests: ["POST /restaurants/1"] })) > 0.2, "writes are not");
  });

  it("for so long, and no longer", async () => {
    await bring({ [traffic]: { timeoutSeconds: 0.5 } });
    await until("it ends after half a second", async () => {
      const [sent] = await send({ requests: ["GET /restaurants/1?milliseconds=3000"], count: 1 });
      return sent?.code === 504;
    });
    assert.deepEqual(lost(await send({ requests: ["GET /restaurants/1?milliseconds=100"], count: 10 })), []);
  });

  it("over so many connections, and no more", async () => {
    await bring({ [traffic]: { connections: { max: 1, maxPending: 1 }, outliers: { errors: 0 } } });
    await until("the rest gets 503 at once", async () => {
      const sent = await send({ requests: ["GET /restaurants/1?milliseconds=500"], rate: 50, count: 50 });
      return lost(sent).length > 25 && lost(sent).length < 50;
    });
  });

  it("so many in a time from all, each pod counting for itself", async () => {
    await bring({ "services.consumer.traffic": { limits: { all: { requests: 20, seconds: 3600 } } } });
    await takesTwenty("local_ratelimit");
  });

  it("so many in a time from one caller, while others go on", async () => {
    const limits = { callers: { gateway: { requests: 20, seconds: 3600 } } };
    await bring({
      "services.shop": shop,
      "services.consumer.callers": ["gateway", "shop"],
      "services.consumer.traffic": { limits },
    });
    const shopper = await InsidePod.make(lab, "shopper", "app=shopper", "shop");
    try {
      await takesTwenty("descriptors");
      for (let count = 0; count < 40; count++) assert.equal(await shopper.status("/consumers/1"), 200);
      // What a caller writes of itself does not make it another one.
      const forged = { "x-forwarded-client-cert": "URI=spiffe://cluster.local/ns/ftgo/sa/ftgo-api-gateway" };
      assert.equal(await shopper.status("/consumers/1", forged), 200);
    } finally {
      await shopper.remove();
    }
  });
});
