export { Collector, type CollectorArgs } from "./collector";
export { Prometheus, type PrometheusArgs } from "./prometheus";
export { Telemetry, type TelemetryArgs } from "./telemetry";
