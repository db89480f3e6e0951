import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { until } from "../../engine/cluster-lab";
import type { Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { type Answer, send, versionsOf } from "../load";
import { type Forward, forwardTo } from "../port-forward";
import { seriesOf } from "../prometheus";

const consumer = "ftgo-consumer-service";
const mesh = ["--namespace", "istio-system"];

describe("What the mesh tells of requests (E3)", () => {
  let lab: Platform;
  let url = "";
  let prometheus: Forward;

  before(async () => {
    lab = await platform(true);
    await lab.bring({
      telemetry: {
        accessLog: true,
        prometheus: { scrapeSeconds: 1 },
        tracing: { samplingPercent: 100, collector: { image: "otel/opentelemetry-collector:0.165.0" } },
      },
      "services.consumer.versions": { v1: { image: `${consumer}:v1` }, v2: { image: `${consumer}:v2` } },
      "services.consumer.stable": "v1",
      "services.consumer.canary": { version: "v2", weight: 50 },
    });
    url = (await lab.project.status()).gateway.url ?? assert.fail();
    prometheus = await forwardTo(lab, 9090, "deployment/prometheus", ...mesh);
  });
  after(() => prometheus.close());

  async function query(text: string): Promise<Record<string, number>> {
    const found = await seriesOf(prometheus.url, text);
    return Object.fromEntries(found.map(({ metric, value }) => [metric["destination_version"] ?? "", +value[1]]));
  }
  const selector = `app="ftgo-api-gateway",destination_service_name="${consumer}"`;

  it("is each one that was sent, by the version that it was sent to, in Prometheus", async () => {
    const answered = `sum by (destination_version) (envoy_cluster_upstream_rq{${selector},response_code_class="2xx"})`;
    await until("it looks at both gateways", async () => (await query(`sum(up{app="ftgo-api-gateway"})`))[""] === 2);
    const before = await query(answered);
    const all = await send({ url, requests: ["GET /consumers/1"], rate: 200, count: 400 });
    // What is lost is another test's affair: sidecars that are told to write a log make their listeners anew just now.
    const sent = versionsOf(all.filter(({ code }) => code === 200));
    assert.deepEqual(Object.keys(sent).sort(), ["v1", "v2"]);
    await until("all are counted", async () => {
      const now = await query(answered);
      return ["v1", "v2"].every((version) => (now[version] ?? 0) - (before[version] ?? 0) === sent[version]);
    });
  });

  it("is how long they took, by version", async () => {
    const buckets = `sum by (le, destination_version) (envoy_cluster_upstream_rq_time_bucket{${selector}})`;
    // Envoy puts its histograms together every five seconds.
    await until("there is a median of both", async () => {
      const median = await query(`histogram_quantile(0.5, ${buckets})`);
      return ["v1", "v2"].every((version) => (median[version] ?? 0) > 0);
    });
  });

  it("is a line of each in the logs of the sidecars", async () => {
    const path = `/consumers/${randomBytes(6).toString("hex")}`;
    const { pod = "" } = (await (await fetch(url + path)).json()) as Answer;
    await until("the line is there", async () => {
      const log = await lab.kubectl("logs", pod, "--container=istio-proxy");
      const line = log.split("\n").find((each) => each.includes(path));
      if (line === undefined) return false;
      const { method, response_code: code } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual([method, code], ["GET", 200]);
      return true;
    });
  });

  /** Names of the services that have told the collector of a trace. */
  async function servicesOf(trace: string): Promise<string[]> {
    const log = await lab.kubectl("logs", "deployment/otel-collector", ...mesh);
    // One part of the log for each service that has sent something.
    const parts = log.split("ResourceSpans #").filter((part) => part.includes(trace));
    const names = parts.flatMap((part) => /service\.name: Str\((.*?)\)/.exec(part)?.[1] ?? []);
    return [...new Set(names)].sort();
  }
  const both = [`ftgo-api-gateway.ftgo`, `${consumer}.ftgo`].sort();
  const ask = async (headers: Record<string, string> = {}) =>
    ((await (await fetch(`${url}/consumers/1`, { headers })).json()) as Answer).trace ?? assert.fail("no trace");

  it("is one trace from the gateway to the service, of its own or the caller's", async () => {
    const given = randomBytes(16).toString("hex");
    const traces = [await ask(), await ask({ traceparent: `00-${given}-${randomBytes(8).toString("hex")}-01` })];
    const ids = traces.map((trace) => trace.split("-")[1] ?? "");
    assert.equal(ids[1], given);
    for (const id of ids)
      await until("both have told of it", async () => (await servicesOf(id)).join() === both.join());
  });

  it("is told by each request that it is not sampled, where nothing is", async () => {
    lab.set({ "telemetry.tracing.samplingPercent": 0 });
    await lab.project.up({ refresh: false });
    await until("it is marked so", async () => (await ask()).endsWith("-00"));
  });
});
