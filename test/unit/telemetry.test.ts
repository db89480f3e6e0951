import { strict as assert } from "node:assert";
import { parse } from "yaml";
import { ftgo } from "./ftgo-program";
import { specOf } from "./shop";

const image = "otel/opentelemetry-collector:0.165.0";
const traced = { tracing: { samplingPercent: 5, collector: { image } } };

describe("Telemetry", () => {
  const names = async (telemetry: object) =>
    (await ftgo({ telemetry })).all.map(({ name }) => name).filter((name) => name.startsWith("telemetry/"));

  it("makes nothing that config does not ask for", async () => {
    assert.deepEqual(await names({}), []);
    assert.deepEqual(await names({ accessLog: true }), []);
  });

  it("has a Prometheus that looks at the sidecars of the whole mesh, may list pods, and no more", async () => {
    const recording = await ftgo({ telemetry: { prometheus: { scrapeSeconds: 5 } } });
    const { data } = recording.get("telemetry/prometheus/config").inputs as { data: Record<string, string> };
    const config = parse(data["prometheus.yml"] ?? "") as {
      global: object;
      scrape_configs: { kubernetes_sd_configs: object[] }[];
    };
    assert.deepEqual(config.global, { scrape_interval: "5s", scrape_timeout: "5s" });
    assert.deepEqual(config.scrape_configs[0]?.kubernetes_sd_configs, [{ role: "pod" }]);
    const { kind, rules } = recording.get("telemetry/prometheus/role").inputs;
    assert.equal(kind, "ClusterRole");
    assert.deepEqual(rules, [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }]);
  });

  it("rolls the pod when its config is another one", async () => {
    const hashes = [5, 10].map(async (scrapeSeconds) => {
      const recording = await ftgo({ telemetry: { prometheus: { scrapeSeconds } } });
      const { template } = specOf(recording, "telemetry/prometheus/deployment") as {
        template: { metadata: { annotations: Record<string, string> } };
      };
      return template.metadata.annotations["ftgo/config-hash"];
    });
    const [first, second] = await Promise.all(hashes);
    assert.ok(first !== undefined && first !== second);
  });

  it("samples as config says, for the whole mesh", async () => {
    const { inputs } = (await ftgo({ telemetry: traced })).get("telemetry/sampling");
    assert.deepEqual(inputs["spec"], {
      tracing: [{ providers: [{ name: "traces" }], randomSamplingPercentage: 5 }],
    });
    assert.equal((inputs["metadata"] as { namespace: string }).namespace, "istio-system");
  });

  it("sends spans to a collector that it makes, or to a Service of the cluster, of which it makes nothing", async () => {
    assert.ok((await names(traced)).includes("telemetry/collector/deployment"));
    const host = "collector.observability.svc.cluster.local";
    assert.deepEqual(await names({ tracing: { collector: { host } } }), ["telemetry/sampling"]);
  });
});
