export { Jaeger, type JaegerArgs } from "./jaeger";
export { Prometheus, type PrometheusArgs } from "./prometheus";
export { Telemetry, type TelemetryArgs } from "./telemetry";
