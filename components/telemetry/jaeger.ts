import * as pulumi from "@pulumi/pulumi";
import { jaegerName, otlpPort } from "../config";
import { makeProgram } from "./program";

export interface JaegerArgs {
  image: string;
  namespace: pulumi.Input<string>;
}

/**
 * A Jaeger of one pod that keeps the newest traces in its memory. It takes spans by OpenTelemetry's protocol over gRPC at port
 * 4317, and shows them at port 16686.
 */
export class Jaeger extends pulumi.ComponentResource {
  constructor(name: string, { image, namespace }: JaegerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ftgo:telemetry:Jaeger", name, {}, opts);
    const program = {
      name: jaegerName,
      image,
      args: [],
      env: { JAEGER_LISTEN_HOST: "0.0.0.0" }, // else it listens to itself alone
      ports: { "grpc-otlp": otlpPort, "http-query": 16686 },
      readinessProbe: { tcpSocket: { port: otlpPort }, periodSeconds: 2 },
      resources: { requests: { cpu: "20m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    };
    makeProgram(name, { program, namespace }, this);
    this.registerOutputs({});
  }
}
