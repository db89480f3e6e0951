import assert from "node:assert/strict";
import { springRoutes } from "../../../components/config/presets";
import { until } from "../../engine/cluster-lab";
import type { Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { isLikely } from "../binomial";
import { InsidePod, shop } from "../inside";
import { countBy, type LoadArgs, lost, send as sendTo, type Sent } from "../load";

const ready = { readiness: { initialDelaySeconds: 0, periodSeconds: 1 } };
const spread = { spread: { zones: "required" } };
const failing = { FAIL_SHARE: "0.3", FAIL_CODE: "503" };
const limit = { requests: 20, seconds: 3600 };

/** A service for each way in which config may treat requests: one update brings them all. */
const services = {
  turn: { replicas: 2 },
  chance: { replicas: 2, traffic: { loadBalancer: "RANDOM" } },
  busy: { replicas: 2, traffic: { loadBalancer: "LEAST_REQUEST" } },
  user: { replicas: 2, traffic: { loadBalancer: { header: "x-user" } } },
  zones: { replicas: 3, placement: spread, traffic: { preferSameZone: true } },
  zone: { traffic: { preferSameZone: true } },
  outlier: { replicas: 2, traffic: { outliers: { errors: 3, intervalSeconds: 1, ejectSeconds: 2 } } },
  only: { image: "ftgo-only:failing", traffic: { outliers: { errors: 1, intervalSeconds: 1 } } },
  once: { env: failing },
  again: { env: failing, traffic: { retries: { readOnlyAttempts: 5 } } },
  brief: { traffic: { timeoutSeconds: 0.5 } },
  narrow: { traffic: { connections: { max: 1, maxPending: 1 }, outliers: { errors: 0 } } },
  limited: { traffic: { limits: { all: limit } } },
};
type Name = keyof typeof services;

describe("How requests are sent and limited (E3)", () => {
  let lab: Platform;
  let url = "";

  before(async () => {
    lab = await platform(true);
    const edits: Record<string, object> = {};
    const routes: Record<string, string> = { consumers: "http://ftgo-consumer-service:8080" };
    for (const [key, config] of Object.entries(services)) {
      edits[`services.${key}`] = { image: `ftgo-${key}:v1`, callers: ["gateway"], probes: ready, ...config };
      routes[key] = `http://${key}:8080`;
    }
    await lab.bring({
      ...edits,
      "services.gateway.env": springRoutes(routes),
      "services.gateway.placement": spread,
      "services.shop": shop,
      "services.consumer.callers": ["gateway", "shop"],
      "services.consumer.traffic": { limits: { callers: { gateway: limit } } },
    });
    url = (await lab.project.status()).gateway.url ?? assert.fail();
  });

  const send = (name: Name | "consumers", args: Partial<LoadArgs> = {}) =>
    sendTo({ url, requests: [`GET /${name}/1`], rate: 200, count: 200, ...args });
  const byPod = (sent: readonly Sent[]) => new Map(Object.entries(countBy(sent, ({ answer }) => answer.pod ?? "")));
  const share = (sent: readonly Sent[]) => lost(sent).length / sent.length;
  /**
   * Of 60 requests that service takes 20, as many as it is told to, once its only pod has heard of it.
   * @param news what its sidecar's config has for that
   */
  const takesTwenty = async (app: string, path: Name | "consumers", news: string) => {
    const [pod] = await lab.pods(app);
    const listeners = ["proxy-config", "listeners", `${pod?.metadata.name}.ftgo`, "--output", "json"];
    await until("it has heard", async () => (await lab.istioctl(...listeners)).stdout.includes(news));
    const codes = countBy(await send(path, { rate: 60, count: 60 }), ({ code }) => code);
    assert.deepEqual(codes, { 200: 20, 429: 40 });
  };
  /** A pod of the service beside its own two. */
  const third = async (name: Name, tag: string) => {
    const labels = [`app=${name}`, "ftgo/subset=one-image", "service.istio.io/canonical-name=third"];
    await lab.kubectl("run", tag, `--image=ftgo-${name}:${tag}`, "--port=8080", `--labels=${labels.join()}`);
    await lab.kubectl("wait", "--for=condition=Ready", `pod/${tag}`, "--timeout=2m");
    return () => lab.kubectl("delete", "pod", tag, "--grace-period=1", "--wait=false");
  };

  it("in turn to the pods, by default", async () => {
    // Two gateways take turns, each for itself.
    const inTurn = async () => {
      const [first = 0, ...others] = byPod(await send("turn", { count: 400 })).values();
      return others.length === 1 && Math.abs(first - 200) <= 4;
    };
    await until("the proxies have heard of it", inTurn);
    assert.ok((await inTurn()) && (await inTurn()), "by chance that is seen once in three times");
  });

  it("to any pod, by chance", async () => {
    await until("it is by chance", async () => {
      const [first = 0] = byPod(await send("chance", { count: 400 })).values();
      return Math.abs(first - 200) > 4 && isLikely(first, 400, 0.5);
    });
  });

  it("to the pod that is least busy", async () => {
    const remove = await third("busy", "slow");
    const slow = async () => byPod(await send("busy")).get("slow") ?? 0;
    try {
      await until("the slow one gets some", async () => (await slow()) > 0);
      await until("it gets less than half of its turn", async () => (await slow()) < 200 / 3 / 2);
    } finally {
      await remove();
    }
  });

  it("always to the same pod by a header, and to both for many values of it", async () => {
    await until("one pod for one user", async () => {
      const counts = byPod(await send("user", { headers: ["x-user: somebody"], count: 100 }));
      return counts.size === 1;
    });
    const pods = new Set<string | undefined>();
    for (let user = 0; user < 20; user++) {
      const answers = await send("user", { headers: [`x-user: ${user}`], count: 3 });
      assert.equal(byPod(answers).size, 1, `user ${user}`);
      pods.add(answers[0]?.answer.pod);
    }
    assert.equal(pods.size, 2);
  });

  it("to pods of the callers' own zones while there are any, and to others when there are none", async () => {
    const nodes = await lab.list("nodes");
    const zoneOf = (name: string) =>
      nodes.find(({ metadata }) => metadata.name === name)?.metadata.labels?.["topology.kubernetes.io/zone"];
    const pods = async (app: string) =>
      (await lab.pods<{ nodeName: string }>(app)).map(({ metadata, spec }) => ({
        name: metadata.name,
        zone: zoneOf(spec.nodeName),
      }));
    const callers = (await pods("ftgo-api-gateway")).map(({ zone }) => zone);
    const [away, ...more] = (await pods("zones")).filter(({ zone }) => !callers.includes(zone));
    assert.ok(away && more.length === 0, "three zones, and a gateway in two of them");
    await until("none goes to the third zone", async () => {
      const sent = await send("zones");
      return lost(sent).length === 0 && !byPod(sent).has(away.name);
    });
    // Over new connections, so that both gateways are asked: its only pod is not where both of them are.
    assert.deepEqual(lost(await send("zone", { keepAlive: false })), []);
  });

  it("not to a pod that fails, until it has had its time; and then it is tried again", async () => {
    const remove = await third("outlier", "failing");
    const failures = async () => lost(await send("outlier")).length;
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
    const sent = await send("only");
    assert.equal(sent.filter(({ code, answer }) => code === 500 && answer.pod).length, 200);
  });

  it("again when they surely were not processed; read-only ones after an error too, by choice", async () => {
    await until("503 of an application is not tried again by itself", async () => share(await send("once")) > 0.2);
    await until("reads are tried again", async () => share(await send("again")) < 0.02);
    assert.ok(share(await send("again", { requests: ["POST /again/1"], count: 400 })) > 0.2, "writes are not");
  });

  it("for so long, and no longer", async () => {
    await until("it ends after half a second", async () => {
      const [sent] = await send("brief", { requests: ["GET /brief/1?milliseconds=3000"], count: 1 });
      return sent?.code === 504;
    });
    const shorter = { requests: ["GET /brief/1?milliseconds=100"], count: 10 };
    await until("shorter ones are answered", async () => lost(await send("brief", shorter)).length === 0);
  });

  it("over so many connections, and no more", async () => {
    await until("the rest gets 503 at once", async () => {
      const sent = await send("narrow", { requests: ["GET /narrow/1?milliseconds=500"], rate: 50, count: 50 });
      return lost(sent).length > 25 && lost(sent).length < 50;
    });
  });

  it("so many in a time from all, each pod counting for itself", () =>
    takesTwenty("limited", "limited", "local_ratelimit"));

  it("so many in a time from one caller, while others go on", async () => {
    const shopper = await InsidePod.make(lab, "shopper", "app=shopper", "shop");
    try {
      await takesTwenty("ftgo-consumer-service", "consumers", "descriptors");
      for (let count = 0; count < 40; count++) assert.equal(await shopper.status("/consumers/1"), 200);
      // What a caller writes of itself does not make it another one.
      const forged = { "x-forwarded-client-cert": "URI=spiffe://cluster.local/ns/ftgo/sa/ftgo-api-gateway" };
      assert.equal(await shopper.status("/consumers/1", forged), 200);
    } finally {
      await shopper.remove();
    }
  });

  it("as config comes to say, also of what it does not say any more", async () => {
    lab.set({ "services.limited.traffic": undefined, "services.turn.traffic": services.user.traffic });
    await lab.project.up({ refresh: false });
    await until("there is no limit any more", async () => lost(await send("limited", { count: 60 })).length === 0);
    await until("one pod for one user", async () => {
      return byPod(await send("turn", { headers: ["x-user: somebody"] })).size === 1;
    });
  });
});
