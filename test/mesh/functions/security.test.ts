import assert from "node:assert/strict";
import type { Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { until } from "../../engine/cluster-lab";
import { InsidePod, shop } from "../inside";
import { during, lost } from "../load";

const passed = 200;
const refused = 403;
/** What the caller says when its connection is cut off. */
const cutOff = 502;

describe("Who may send requests to whom (E3)", () => {
  let lab: Platform;
  let url = "";
  /** Without a sidecar, and so without a certificate. */
  let plain: InsidePod;
  /** In the mesh, and nobody whom config knows. */
  let stranger: InsidePod;

  before(async () => {
    lab = await platform(true);
    await lab.bring();
    url = (await lab.project.status()).gateway.url ?? assert.fail();
    [plain, stranger] = await Promise.all([
      InsidePod.make(lab, "plain", "sidecar.istio.io/inject=false"),
      InsidePod.make(lab, "stranger", "app=stranger"),
    ]);
  });

  after(() => Promise.all([plain, stranger].map((pod) => pod.remove())));

  const fromOutside = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}/consumers/1`, { headers });
    await response.text();
    return response.status;
  };
  /** Proxies hear of a new rule a moment later. */
  const untilIs = (what: string, status: number, ask: () => Promise<number>) =>
    until(`${what}: ${status}`, async () => (await ask()) === status);

  it("plain text is refused by a service, and served at the gateway's port", async () => {
    assert.equal(await plain.status("/consumers/1"), cutOff);
    assert.equal(await plain.status("/restaurants/1"), passed);
  });

  it("a caller that config does not name gets 403 from a service, and is served at the gateway", async () => {
    assert.equal(await stranger.status("/consumers/1"), refused);
    assert.equal(await stranger.status("/restaurants/1"), passed);
  });

  it("a caller that config comes to name is let in, and one that it does not name any more is not", async () => {
    lab.set({ "services.shop": shop, "services.consumer.callers": ["gateway", "shop"] });
    await lab.project.up({ refresh: false });
    const pod = await InsidePod.make(lab, "shopper", "app=shopper", "shop");
    try {
      await untilIs("let in", passed, () => pod.status("/consumers/1"));
      lab.set({ "services.consumer.callers": ["gateway"] });
      await lab.project.up({ refresh: false });
      await untilIs("turned away", refused, () => pod.status("/consumers/1"));
      assert.equal(await fromOutside({}), passed);
    } finally {
      await pod.remove();
    }
  });

  it("a tester's header from outside is for those alone whom config names", async () => {
    lab.set({ "services.gateway.expose.testers": { from: ["192.0.2.0/24"] } });
    await lab.project.up({ refresh: false });
    // As a Classic ELB writes it down.
    const from = (address: string) => fromOutside({ testuser: "me", "x-forwarded-for": address });
    await untilIs("from elsewhere", refused, () => from("198.51.100.1"));
    assert.equal(await from("192.0.2.7"), passed);
    assert.equal(
      await from("192.0.2.7, 198.51.100.1"),
      refused,
      "what a client itself writes there counts for nothing",
    );
    assert.equal(await fromOutside({}), passed);
    assert.equal(await stranger.status("/restaurants/1", { testuser: "me" }), passed);
  });

  it("everybody while mutual TLS is PERMISSIVE; and no request is lost on the way there and back", async () => {
    const way = { url, requests: ["GET /consumers/1", "GET /restaurants/1"], rate: 60 };
    const sent = await during([way], async () => {
      lab.set({ "mesh.mtls": "PERMISSIVE" });
      await lab.project.up({ refresh: false });
      await untilIs("plain text", passed, () => plain.status("/consumers/1"));
      assert.equal(await stranger.status("/consumers/1"), passed);
      lab.set({ "mesh.mtls": "STRICT" });
      await lab.project.up({ refresh: false });
      await untilIs("plain text", cutOff, () => plain.status("/consumers/1"));
      await untilIs("a stranger", refused, () => stranger.status("/consumers/1"));
    });
    assert.deepEqual(lost(sent), []);
  });
});
