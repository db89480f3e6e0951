import assert from "node:assert/strict";
import type { StackStatus } from "../../../automation";
import { until } from "../../engine/cluster-lab";
import { type Platform, succeeded } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { isLikely } from "../binomial";
import { type Answer, lost, send as sendTo, versionsOf } from "../load";

const two = { v1: { image: "ftgo-consumer-service:v1" }, v2: { image: "ftgo-consumer-service:v2" } };
const consumer = "GET /consumers/1";

/** How many requests are sent for each share; `npm run soak:shares` sends more. */
const count = Number(process.env["FTGO_RUNS"] ?? 1400);

describe("Requests to the gateway, from this machine", () => {
  let lab: Platform;
  let url = "";

  before(async () => {
    lab = await platform(true);
    await lab.bring({
      "services.consumer.versions": two,
      "services.consumer.stable": "v1",
      "services.consumer.canary": { version: "v2", weight: 0 },
    });
    const { stdout } = succeeded(await lab.ftgo("status", "--json"));
    url = (JSON.parse(stdout) as StackStatus).gateway.url ?? assert.fail(stdout);
  });

  const send = (count: number, headers: string[] = []) =>
    sendTo({ url, requests: [consumer], rate: 400, count, headers });

  it("go through gateway and mesh to both services, which say who they are", async () => {
    for (const [path, service] of [
      ["/consumers/1", "ftgo-consumer-service"],
      ["/restaurants/1", "ftgo-restaurant-service"],
    ]) {
      const response = await fetch(`${url}${path}`);
      const answer = (await response.json()) as Record<string, string>;
      assert.equal(answer["service"], service);
      assert.ok(answer["pod"]?.startsWith(service ?? ""), answer["pod"]);
      assert.ok(answer["version"]);
    }
  });

  it("reach no other service, whatever host they name: only the gateway is open to this machine", async () => {
    const services = await lab.list<{ type: string; externalIPs?: string[] }>("services");
    const isOpen = ({ spec }: (typeof services)[number]) => spec.type !== "ClusterIP" || spec.externalIPs !== undefined;
    assert.deepEqual(
      services.filter(isOpen).map(({ metadata }) => metadata.name),
      ["ftgo-api-gateway"],
    );
    const response = await fetch(`${url}/`, { headers: { host: "ftgo-restaurant-service:8080" } });
    assert.equal(((await response.json()) as Answer).service, "ftgo-api-gateway");
  });

  it("are spread over both pods of the restaurant service (B5)", async () => {
    const sent = await sendTo({ url, requests: ["GET /restaurants/1"], rate: 400, count: 500 });
    const pods = sent.map(({ answer }) => answer.pod);
    assert.equal(new Set(pods).size, 2);
    const first = pods.filter((pod) => pod === pods[0]).length;
    assert.ok(isLikely(first, 500, 0.5), `${first} of 500 to one of the two`);
  });

  for (const weight of [0, 1, 5, 50, 99, 100])
    it(`reach the canary with a weight of ${weight} as often as that (E7)`, async () => {
      await lab.project.promote("consumer", { weight });
      const sent = await send(count);
      assert.deepEqual(lost(sent), []);
      const { v1 = 0, v2 = 0 } = versionsOf(sent);
      console.log(`      ${v2} of ${count} to v2`);
      assert.equal(v1 + v2, count);
      assert.ok(isLikely(v2, count, weight / 100), `${v2} of ${count} to v2`);
      const both = weight > 0 && weight < 100;
      assert.equal(v1 > 0 && v2 > 0, both, `${v2} of ${count} to v2`);
    });

  it("of a tester reach the canary, whatever the weight; an empty or missing header does not (E6)", async () => {
    await lab.project.promote("consumer", { weight: 0, testers: { header: "testuser", regex: "^.+$" } });
    assert.deepEqual(versionsOf(await send(100, ["testuser: anything"])), { v2: 100 });
    const empty = await fetch(`${url}/consumers/1`, { headers: { testuser: "" } });
    assert.equal(((await empty.json()) as Answer).version, "v1");
    assert.deepEqual(versionsOf(await send(100)), { v1: 100 });
  });

  it("of a user keep reaching the version that he got, where config says so, and more weight adds users to the canary", async () => {
    lab.set({ "services.consumer.traffic": { stickyVersion: { cookie: "user" } } });
    const change = (weight: number) => lab.project.promote("consumer", { weight, testers: null });
    const ask = async (cookie: string) => {
      const response = await fetch(`${url}/consumers/1`, { headers: { cookie } });
      const { version } = (await response.json()) as Answer;
      return { version, cookie: response.headers.get("set-cookie")?.split(";")[0] };
    };
    await change(50);
    await until("users are known again", async () => (await ask("")).cookie !== undefined);
    const { v1 = 0, v2 = 0 } = versionsOf(await send(count));
    assert.ok(isLikely(v2, v1 + v2, 0.5), `${v2} of ${v1 + v2} new users to v2`);
    const users = await Promise.all(Array.from({ length: 50 }, () => ask("")));
    const again = () => Promise.all(users.map(async ({ cookie }) => (await ask(cookie ?? "")).version));
    const before = users.map(({ version }) => version);
    for (let time = 0; time < 3; time++) assert.deepEqual(await again(), before);
    await change(90);
    await until("more users get v2", async () => (await ask("user=800")).version === "v2");
    const after = await again();
    assert.ok(after.every((version, index) => version === "v2" || before[index] === "v1"));
    assert.ok(after.filter((version) => version === "v2").length > before.filter((version) => version === "v2").length);
    await change(10);
    await until("fewer users get v2", async () => (await ask("user=800")).version === "v1");
    assert.ok((await again()).every((version, index) => version === "v1" || before[index] === "v2"));
    lab.set({ "services.consumer.traffic": undefined });
  });

  it("take over the port of every node, where that is how the gateway is open (C1)", async () => {
    lab.set({ "services.gateway.expose": { kind: "NodePort", nodePort: 30000 } });
    await lab.project.up({ refresh: false });
    const sent = await send(50);
    assert.deepEqual(lost(sent), []);
    const { spec } = await lab.get<{ type: string }>("service", "ftgo-api-gateway");
    assert.equal(spec.type, "NodePort");
  });

  it("leave a mesh in which istioctl finds nothing, and all proxies know what istiod knows", async () => {
    const { stderr } = succeeded(await lab.istioctl("analyze", "--namespace", "ftgo"));
    assert.match(stderr, /No validation issues found/);
    const status = succeeded(await lab.istioctl("proxy-status")).stdout;
    const pods = await lab.list("pods", "-l", "security.istio.io/tlsMode=istio");
    const answering = pods.filter(({ metadata }) => /service|gateway/.test(metadata.name));
    for (const { metadata } of answering) assert.ok(status.includes(metadata.name), status);
    assert.doesNotMatch(status, /STALE|NOT SENT/);
  });
});
