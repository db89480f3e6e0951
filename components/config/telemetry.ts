import { z } from "zod";
import { image, port } from "./values";

/** Name in the cluster of a collector that is made here. */
export const collectorName = "otel-collector";
/** Port of OpenTelemetry's protocol over gRPC. */
export const otlpPort = 4317;

const prometheus = z.strictObject({
  image: image.default("docker.io/prom/prometheus:v3.16.0"),
  scrapeSeconds: z.int().min(1).max(300).default(15).describe("Time between two looks at a pod."),
  retentionHours: z.int().min(1).max(8760).default(6).describe("How long metrics are kept, on the pod's own disk."),
});
export type PrometheusConfig = z.output<typeof prometheus>;

const collector = z.union([
  z.strictObject({
    host: z
      .string()
      .regex(/^[a-z0-9-]+\.[a-z0-9-]+\.svc\.cluster\.local$/, "use <service>.<namespace>.svc.cluster.local")
      .describe(
        "A Service of the cluster, with its whole name, that takes spans by OTLP over gRPC; its port is called grpc-….",
      ),
    port: port.default(otlpPort),
  }),
  z.strictObject({
    image: image.describe("A collector that is made here, and writes spans to its log: to look at, not to keep."),
  }),
]);

const tracing = z.strictObject({
  samplingPercent: z.number().min(0).max(100).default(1).describe("Share of the requests that are traced."),
  collector: collector.describe("Where the spans go, by OpenTelemetry's protocol."),
});
export type TracingConfig = z.output<typeof tracing>;

/** What the mesh tells of the requests that go through it. */
export const telemetry = z.strictObject({
  accessLog: z.boolean().default(false).describe("Each sidecar writes a line of JSON per request to its log."),
  prometheus: prometheus.optional().describe("A Prometheus in the cluster, for what the sidecars count."),
  tracing: tracing
    .optional()
    .describe("Distributed tracing. A request that comes with a trace's header goes on with that trace."),
});
export type TelemetryConfig = z.output<typeof telemetry>;
