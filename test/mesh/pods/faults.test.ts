import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "../../engine/cluster-lab";
import type { KubeObject, Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { during, lost, send, type Sent } from "../load";
import { cutOff, processOf } from "../processes";

interface Placed {
  readonly nodeName: string;
}

/** Per second, half of them over new connections. */
const rate = 60;

describe("When something dies under requests (F4)", () => {
  let lab: Platform;
  let url = "";

  before(async () => {
    lab = await platform(true);
    await lab.bring();
    url = (await lab.project.status()).gateway.url ?? assert.fail();
  });

  const ways = (requests: readonly string[], each = rate / 2) =>
    [true, false].map((keepAlive) => ({ url, requests, rate: each, keepAlive }));
  const reads = ["GET /restaurants/1"];
  const pods = () => lab.pods("ftgo-restaurant-service");
  const isReady = async (name: string) => {
    const { status } = await lab.get("pod", name);
    const conditions = status["conditions"] as { type: string; status: string }[];
    return conditions.find(({ type }) => type === "Ready")?.status === "True";
  };
  /** Kills a part of one of the two pods of the restaurant service, and waits until it has gone and come back. */
  async function killing(kill: (pod: KubeObject) => void): Promise<Sent[]> {
    const [pod] = await pods();
    assert.ok(pod);
    const { name } = pod.metadata;
    const restarts = async () => {
      const { status } = await lab.get("pod", name);
      const all = ["containerStatuses", "initContainerStatuses"].flatMap(
        (key) => status[key] as { restartCount: number }[],
      );
      return all.reduce((sum, { restartCount }) => sum + restartCount, 0);
    };
    const before = await restarts();
    return during(ways(reads), async () => {
      await until("requests are answered", async () => (await fetch(`${url}/restaurants/1`)).ok);
      kill(pod);
      await until("it has been started again", async () => (await restarts()) > before && (await isReady(name)));
    });
  }

  it("a killed application costs less than the requests of a second", async () => {
    const sent = await killing(({ metadata }) =>
      process.kill(processOf(metadata.uid, "ftgo-restaurant-service", "node"), "SIGKILL"),
    );
    assert.ok(lost(sent).length <= rate, lost(sent).join("\n"));
  });

  it("a killed sidecar costs less than the requests of half a second", async () => {
    const sent = await killing(({ metadata }) => {
      const both = ["pilot-agent", "envoy"].map((program) => processOf(metadata.uid, "istio-proxy", program));
      for (const pid of both) process.kill(pid, "SIGKILL");
    });
    assert.ok(lost(sent).length <= rate / 2, lost(sent).join("\n"));
  });

  /** Takes these pods off the network, and waits until they count as unready. @returns what was sent, and the time when they did */
  async function losing(apps: readonly string[], isLost: (pod: KubeObject<Placed>) => boolean) {
    for (const app of apps) await lab.kubectl("rollout", "status", `deployment/${app}`, "--timeout=2m");
    const gone = (await Promise.all(apps.map((app) => lab.pods<Placed>(app)))).flat().filter(isLost);
    assert.ok(gone.length > 0);
    let unreadyAt = Infinity;
    const sent = await during(ways(reads), async () => {
      await until("requests are answered", async () => (await fetch(`${url}/restaurants/1`)).ok);
      for (const { metadata } of gone) cutOff(processOf(metadata.uid, metadata.labels?.["app"] ?? "", "node"));
      for (const { metadata } of gone) await until("it counts as unready", async () => !(await isReady(metadata.name)));
      unreadyAt = Date.now();
    });
    await Promise.all(
      gone.map(({ metadata }) => lab.kubectl("delete", "pod", metadata.name, "--grace-period=0", "--force")),
    );
    return { sent, unreadyAt };
  }

  it("a pod that the network has lost costs less than the requests of half a second", async () => {
    const [pod] = await pods();
    const { sent } = await losing(["ftgo-restaurant-service"], ({ metadata }) => metadata.uid === pod?.metadata.uid);
    // Those that were sent over connections which were open already end after the limit of a request.
    assert.ok(lost(sent).length <= rate / 2, lost(sent).join("\n"));
  });

  it("a node that the network has lost, with a gateway on it, costs requests for as long as its probes fail", async () => {
    const [gateway] = await lab.pods<Placed>("ftgo-api-gateway");
    const onNode = ({ spec }: KubeObject<Placed>) => spec.nodeName === gateway?.spec.nodeName;
    const { sent, unreadyAt } = await losing(["ftgo-restaurant-service", "ftgo-api-gateway"], onNode);
    const times = sent.filter(({ code }) => code !== 200).map(({ timestamp }) => Date.parse(timestamp));
    console.log(
      `      ${times.length} of ${sent.length} lost in ${(Math.max(...times) - Math.min(...times)) / 1000} s`,
    );
    // Half of the connections lead to the gateway that is lost, and it takes a moment until all know that it is.
    assert.ok(times.length < (3 / 4) * sent.length);
    assert.ok(
      Math.max(...times) < unreadyAt + 2000,
      `${Math.max(...times) - unreadyAt} ms after it counted as unready`,
    );
    const [way] = ways(reads);
    assert.ok(way);
    assert.deepEqual(lost(await send({ ...way, count: 200 })), []);
  });

  it("an API server that is away for a while costs nothing", async () => {
    const pid = readdirSync("/proc").find((each) => {
      try {
        const line = readFileSync(`/proc/${each}/cmdline`, "utf8");
        return line.includes("kube-apiserver\0") && line.includes(lab.dir);
      } catch {
        return false;
      }
    });
    const server = Number(pid ?? assert.fail("no API server"));
    const answers = () =>
      lab.kubectl("get", "--raw=/readyz", "--request-timeout=1s").then(
        () => true,
        () => false,
      );
    const sent = await during(ways([...reads, "POST /consumers/1"]), async () => {
      process.kill(server, "SIGSTOP");
      await until("it is away", async () => !(await answers())).finally(() => process.kill(server, "SIGCONT"));
      await until("it is back", answers);
    });
    assert.deepEqual(lost(sent), []);
  });

  it("requests that take 5 s are answered, whatever is replaced meanwhile", async () => {
    const slow = [...reads, "POST /consumers/1"].map((request) => `${request}?milliseconds=5000`);
    const sent = await during(ways(slow, 5), async () => {
      lab.set({
        "services.restaurant.image": "ftgo-restaurant-service:next",
        "services.gateway.image": "ftgo-api-gateway:next",
        "services.consumer.versions": { v2: { image: "ftgo-consumer-service:v2" } },
        "services.consumer.stable": "v2",
      });
      await lab.project.up({ refresh: false });
    });
    assert.deepEqual(lost(sent), []);
    assert.ok(sent.length > 50, `${sent.length}`);
  });
});
