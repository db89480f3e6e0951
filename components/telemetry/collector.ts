import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { collectorName, otlpPort } from "../config";
import { makeProgram } from "./program";

export interface CollectorArgs {
  image: string;
  namespace: pulumi.Input<string>;
}

const config = {
  receivers: { otlp: { protocols: { grpc: { endpoint: `0.0.0.0:${otlpPort}` } } } },
  exporters: { debug: { verbosity: "detailed" } },
  service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["debug"] } } },
};

/** An OpenTelemetry Collector of one pod, which takes spans by OTLP over gRPC at port 4317, and writes them to its log. */
export class Collector extends pulumi.ComponentResource {
  constructor(name: string, { image, namespace }: CollectorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ftgo:telemetry:Collector", name, {}, opts);
    const program = {
      name: collectorName,
      image,
      args: ["--config=/etc/otelcol/config.yaml"],
      ports: { "grpc-otlp": otlpPort },
      config: { folder: "/etc/otelcol", file: "config.yaml", content: stringify(config) },
      readinessProbe: { tcpSocket: { port: otlpPort }, periodSeconds: 2 },
      resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    };
    makeProgram(name, { program, namespace }, this);
    this.registerOutputs({});
  }
}
