import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MeshConfig } from "../config";
import { notAwaited, rolledOut } from "../kubernetes";

export interface MeshArgs {
  config: MeshConfig;
}

/**
 * Istio by its official charts: `base` (custom resource definitions, validation) and then `istiod`, each object of them a
 * resource of its own, so that a preview shows it. Whatever depends on the mesh starts after the injector answers.
 *
 * The definitions stay when the mesh goes, as the chart demands: to delete one is to delete every object of its kind.
 */
export class Mesh extends pulumi.ComponentResource {
  constructor(
    name: string,
    private readonly args: MeshArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ftgo:mesh:Mesh", name, {}, opts);
    const { namespace, hub, version, replicas } = args.config;
    const root = new k8s.core.v1.Namespace(`${name}/namespace`, { metadata: { name: namespace } }, { parent: this });
    const base = this.makeChart(`${name}/base`, "base", strict, root);
    const values = {
      ...strict,
      global: { hub, tag: version, istioNamespace: namespace },
      autoscaleEnabled: false,
      replicaCount: replicas,
      env: {},
      meshConfig: { accessLogFile: "" },
      deploymentAnnotations: rolledOut,
      serviceAnnotations: notAwaited,
    };
    this.makeChart(`${name}/istiod`, "istiod", values, base);
    this.registerOutputs({});
  }

  private makeChart(name: string, chart: string, values: pulumi.Inputs, dependsOn: pulumi.Resource) {
    const { charts, version, namespace } = this.args.config;
    const source = charts.startsWith("oci://")
      ? { chart: `${charts}/${chart}`, version }
      : /^https?:/.test(charts)
        ? { chart, version, repositoryOpts: { repo: charts } }
        : { chart: join(charts, chart) }; // the plugin runs in the folder of Pulumi.yaml
    const release = { name: `istio-${chart}`, namespace, values };
    return new k8s.helm.v4.Chart(name, { ...release, ...source }, { parent: this, dependsOn });
  }
}

/** What cannot be checked is refused. It is what istiod sets too, so that the two do not take turns at it. */
const strict = { base: { validationFailurePolicy: "Fail" } };
