import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MeshConfig } from "../config";

export interface MeshArgs {
  config: MeshConfig;
  /** Folder that a chart folder in `config` is relative to: the checkout. */
  projectDir: string;
}

/**
 * Istio by its official charts: `base` (custom resource definitions, validation) and then `istiod`, each object of them a
 * resource of its own, so that a preview shows it. Whatever depends on `ready` starts after the injector answers.
 */
export class Mesh extends pulumi.ComponentResource {
  /** Known once istiod answers. */
  readonly ready: pulumi.Output<pulumi.Resource[]>;

  constructor(
    name: string,
    private readonly args: MeshArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ftgo:mesh:Mesh", name, {}, opts);
    const { namespace, hub, version, replicas } = args.config;
    const root = new k8s.core.v1.Namespace(`${name}/namespace`, { metadata: { name: namespace } }, { parent: this });
    const base = this.makeChart("base", { base: { validationFailurePolicy: "Fail" } }, [root]);
    const istiod = this.makeChart(
      "istiod",
      {
        global: { hub, tag: version, istioNamespace: namespace },
        autoscaleEnabled: false,
        replicaCount: replicas,
        env: {},
        meshConfig: { accessLogFile: "" },
      },
      base.ready,
    );
    this.ready = istiod.ready;
    this.registerOutputs({});
  }

  private makeChart(chart: string, values: pulumi.Inputs, dependsOn: pulumi.Input<pulumi.Resource[]>) {
    const { charts, version, namespace } = this.args.config;
    const remote = /^(https?|oci):\/\//.test(charts);
    const source = remote
      ? { chart, version, fetchOpts: { repo: charts } }
      : { path: join(this.args.projectDir, charts, chart) };
    // The chart's logical name is Helm's release name, which may hold no slash.
    return new k8s.helm.v3.Chart(
      `istio-${chart}`,
      { ...source, namespace, values, transformations: [leaveToIstiod] },
      { parent: this, dependsOn },
    );
  }
}

/** istiod writes its own certificate and failure policy into its webhooks; the program must not take them back. */
function leaveToIstiod(object: { kind: string }, opts: pulumi.CustomResourceOptions): void {
  if (!/^(Validating|Mutating)WebhookConfiguration$/.test(object.kind)) return;
  opts.ignoreChanges = ["webhooks[*].clientConfig.caBundle", "webhooks[*].failurePolicy"];
}
