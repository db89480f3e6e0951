import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { TelemetryConfig } from "../config";
import { metadata } from "../kubernetes";
import { tracingProvider } from "../mesh";
import { Collector } from "./collector";
import { Prometheus } from "./prometheus";

export interface TelemetryArgs {
  config: TelemetryConfig;
  /** Namespace of the control plane. What is said there holds for the whole mesh. */
  namespace: pulumi.Input<string>;
}

/** What there is beside the mesh to see what goes on in it: a Prometheus, and traces with a collector of them, as config says. */
export class Telemetry extends pulumi.ComponentResource {
  constructor(name: string, { config, namespace }: TelemetryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ftgo:telemetry:Telemetry", name, {}, opts);
    const { prometheus, tracing } = config;
    const inHere = { parent: this };
    if (prometheus) new Prometheus(`${name}/prometheus`, { config: prometheus, namespace }, inHere);
    if (tracing && "image" in tracing.collector) {
      new Collector(`${name}/collector`, { ...tracing.collector, namespace }, inHere);
    }
    if (tracing) {
      const { samplingPercent: randomSamplingPercentage } = tracing;
      const sampling = {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: metadata({ name: "default", namespace }),
        spec: { tracing: [{ providers: [{ name: tracingProvider }], randomSamplingPercentage }] },
      };
      new k8s.apiextensions.CustomResource(`${name}/sampling`, sampling, inHere);
    }
    this.registerOutputs({});
  }
}
