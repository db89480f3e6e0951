import assert from "node:assert/strict";
import { openProject, type Project } from "../../../automation";
import type { Platform } from "../../engine/platform-lab";
import { until } from "../../engine/cluster-lab";
import { platform } from "../../engine/shared-platform";
import { InsidePod, shop } from "../inside";
import { forwardTo } from "../port-forward";
import { seriesOf } from "../prometheus";
import { type Answer, during, lost, rate, versionsOf } from "../load";

const versions = { v1: { image: "ftgo-shop:v1" }, v2: { image: "ftgo-shop:v2" } };
const services = {
  shop: {
    probes: shop.probes,
    versions,
    stable: "v1",
    canary: { version: "v2" },
    callers: ["ftgo/ftgo-api-gateway"],
    traffic: { retries: { attempts: 0 } },
  },
};

describe("A service of another stack, in a namespace of its own", () => {
  let lab: Platform;
  let team: Project;
  /** In the namespace of the platform, with the certificate of its gateway. */
  let gateway: InsidePod;
  let stranger: InsidePod;

  before(async () => {
    lab = await platform(true);
    await lab.bring({ telemetry: { prometheus: { scrapeSeconds: 1 } } });
    lab.writeTeam("team", services);
    team = openProject({ stack: "team", projectDir: lab.dir, env: lab.variables });
    await team.up({ refresh: false });
    [gateway, stranger] = await Promise.all([
      InsidePod.make(lab, "gateway", "app=visitor", "ftgo-api-gateway"),
      InsidePod.make(lab, "stranger", "app=stranger"),
    ]);
  });

  after(async () => {
    // Whatever of it there is.
    for (const pod of [gateway, stranger] as (InsidePod | undefined)[]) await pod?.remove();
    await team.destroy();
  });

  it("takes requests of the platform's service that it names, and of no other", async () => {
    assert.equal(await gateway.status("/teams/1"), 200);
    assert.equal(await stranger.status("/teams/1"), 403);
  });

  it("is counted by the platform's Prometheus, told apart by its namespace", async () => {
    const prometheus = await forwardTo(lab, 9090, "deployment/prometheus", "--namespace", "istio-system");
    const requests = `envoy_cluster_upstream_rq{destination_service_name="shop",destination_service_namespace="team"}`;
    const isKnown = async (text: string) => (await seriesOf(prometheus.url, text)).length > 0;
    try {
      await until("its pods and those who call them are known", async () => {
        return (await isKnown(`up{namespace="team",app="shop"}`)) && (await isKnown(requests));
      });
    } finally {
      prometheus.close();
    }
  });

  it("is released by its own stack: callers elsewhere follow its route, and lose no request (promise 1)", async () => {
    const way = { url: gateway.url, requests: ["GET /teams/1"], rate };
    const answer = async () => (await (await fetch(`${gateway.url}/teams/1`)).json()) as Answer;
    const sent = await during([way], async () => {
      await team.promote("shop", { weight: 100 });
      await until("v2 answers", async () => (await answer()).version === "v2");
    });
    assert.deepEqual(lost(sent), []);
    assert.deepEqual(Object.keys(versionsOf(sent)), ["v1", "v2"]);
  });
});
