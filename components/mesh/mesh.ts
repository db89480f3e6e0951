import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Reachable } from "../cluster-access";
import {
  baseRelease,
  collectorName,
  type MeshConfig,
  otlpPort,
  type TelemetryConfig,
  type TracingConfig,
} from "../config";
import { notAwaited, rolledOut } from "../kubernetes";
import { lastingNamespace } from "../namespace";
import { validation } from "./validation";

export interface MeshArgs {
  config: MeshConfig;
  /** What the sidecars tell of the requests that go through them. */
  telemetry: TelemetryConfig;
  /** In which others may have a mesh already. */
  cluster: Reachable;
}

/** Name by which the mesh knows where spans go. */
export const tracingProvider = "traces";

/**
 * Istio by its official charts: `base` (custom resource definitions), then `istiod`, and then what has Istio's objects checked by
 * it. Whatever depends on the mesh starts after the injector answers.
 *
 * Each object of `istiod` is a resource of its own, so that a preview shows it. `base` is one resource, a release of Helm's:
 * its definitions were three quarters of the stack's state, which the engine reads and writes whole in every update, and an
 * update that changed nothing took twice as long. They stay when the mesh goes, as the chart demands: to delete one is to
 * delete every object of its kind.
 *
 * Another revision is an istiod of its own: its objects are made beside those of the one before, which the engine deletes last,
 * when all pods have been rolled from one to the other.
 */
export class Mesh extends pulumi.ComponentResource {
  constructor(
    name: string,
    private readonly args: MeshArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ftgo:mesh:Mesh", name, {}, opts);
    const { namespace, hub, version, replicas, revision } = args.config;
    const otherwise = "To use the mesh that is there, set ftgo:mesh.install to false";
    const settings = { name: namespace, key: "mesh.namespace", cluster: args.cluster, otherwise };
    const { resource: root, name: there } = lastingNamespace(`${name}/namespace`, settings, { parent: this });
    const withoutValidation = { defaultRevision: "" };
    // Helm would look every two seconds whether the definitions are in force, which takes a moment. Istiod waits for them itself,
    // and the plugin tries an object of a kind that is not known yet again for half a minute.
    const toBase = { namespace: there, values: withoutValidation, skipAwait: true };
    const release = { ...this.chart("base", baseRelease), ...toBase };
    const base = new k8s.helm.v3.Release(`${name}/base`, release, { parent: this, dependsOn: root });
    const values = {
      ...strict,
      revision: revision ?? "",
      global: { hub, tag: version, istioNamespace: namespace },
      autoscaleEnabled: false,
      replicaCount: replicas,
      resources,
      env: {},
      meshConfig: this.meshConfig(),
      deploymentAnnotations: rolledOut,
      serviceAnnotations: notAwaited,
    };
    const chart = { ...this.chart("istiod", "istio-istiod"), values };
    const istiod = new k8s.helm.v4.Chart(`${name}/istiod`, chart, { parent: this, dependsOn: base });
    validation(`${name}/validation`, args.config, { parent: this, dependsOn: istiod });
    this.registerOutputs({});
  }

  private meshConfig(): object {
    const { config, telemetry } = this.args;
    const { accessLog, tracing } = telemetry;
    return {
      accessLogFile: accessLog ? "/dev/stdout" : "",
      accessLogEncoding: "JSON",
      enableTracing: tracing !== undefined,
      ...(tracing && {
        extensionProviders: [{ name: tracingProvider, opentelemetry: addressOf(tracing.collector, config.namespace) }],
      }),
      defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [counted] } },
    };
  }

  private chart(chart: string, name: string) {
    const { charts, version, namespace } = this.args.config;
    const source = charts.startsWith("oci://")
      ? { chart: `${charts}/${chart}`, version }
      : /^https?:/.test(charts)
        ? { chart, version, repositoryOpts: { repo: charts } }
        : { chart: join(charts, chart) }; // the plugin runs in the folder of Pulumi.yaml
    return { name, namespace, ...source };
  }
}

/** What cannot be checked is refused. It is what istiod sets too, so that the two do not take turns at it. */
const strict = { base: { validationFailurePolicy: "Fail" } };

/** The chart asks for as much, and gives it no limit. */
const resources = { requests: { cpu: "500m", memory: "2Gi" }, limits: { memory: "4Gi" } };

/** What sidecars count beside what they always do: the requests that they send, by service and version. */
const counted = "cluster\\.outbound.*upstream_rq_(.xx|time|retry|timeout|pending_overflow)";

function addressOf(collector: TracingConfig["collector"], namespace: string) {
  if ("host" in collector) return { service: collector.host, port: collector.port };
  return { service: `${collectorName}.${namespace}.svc.cluster.local`, port: otlpPort };
}
