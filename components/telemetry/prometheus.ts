import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { metadata } from "../kubernetes";
import type { PrometheusConfig } from "../config";
import { makeProgram } from "./program";

export interface PrometheusArgs {
  config: PrometheusConfig;
  /** Where it runs. */
  namespace: pulumi.Input<string>;
}

const app = "prometheus";

/**
 * A Prometheus that knows what all sidecars of the mesh have counted: requests by the service and the version that they were
 * sent to, answers by class, and latency. It may list the pods of the cluster for it. It is reached at `prometheus:9090` of its
 * namespace.
 *
 * The counts are Envoy's own, not those of Istio's filters: they are the same in every proxy.
 */
export class Prometheus extends pulumi.ComponentResource {
  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ftgo:telemetry:Prometheus", name, {}, opts);
    const { config, namespace } = args;
    const ofCluster = metadata({ name: pulumi.interpolate`${namespace}-${app}`, labels: { app } });
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }];
    const role = new k8s.rbac.v1.ClusterRole(`${name}/role`, { metadata: ofCluster, rules }, { parent: this });
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}/binding`,
      {
        metadata: ofCluster,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ofCluster.name },
        subjects: [{ kind: "ServiceAccount", name: app, namespace }],
      },
      { parent: this, dependsOn: role },
    );
    const program = {
      name: app,
      image: config.image,
      args: [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        `--storage.tsdb.retention.time=${config.retentionHours}h`,
      ],
      ports: { http: 9090 },
      config: {
        folder: "/etc/prometheus",
        file: "prometheus.yml",
        content: stringify(scraping(config), { lineWidth: 0 }),
      },
      data: "/prometheus",
      token: true,
      readinessProbe: { httpGet: { path: "/-/ready", port: 9090 }, periodSeconds: 2 },
      resources: { requests: { cpu: "50m", memory: "256Mi" }, limits: { memory: "1Gi" } },
    };
    makeProgram(name, { program, namespace }, this);
    this.registerOutputs({});
  }
}

/** Envoy's name of a group of pods: `outbound|<port>|<version>|<service>.<namespace>.svc.cluster.local`. */
const cluster = "outbound\\|\\d+\\|([^|]*)\\|([^.]+)\\.([^.]+)\\..*";

/** Prometheus' config. Labels of destinations are called as Istio calls them. */
function scraping({ scrapeSeconds }: PrometheusConfig): object {
  const from = (label: string, source: string) => ({
    source_labels: [`__meta_kubernetes_${source}`],
    target_label: label,
  });
  const fromCluster = (label: string, group: string) => ({
    source_labels: ["cluster_name"],
    regex: cluster,
    target_label: label,
    replacement: group,
  });
  return {
    global: { scrape_interval: `${scrapeSeconds}s`, scrape_timeout: `${Math.min(scrapeSeconds, 10)}s` },
    scrape_configs: [
      {
        job_name: "sidecars",
        metrics_path: "/stats/prometheus",
        kubernetes_sd_configs: [{ role: "pod" }],
        relabel_configs: [
          // Envoy's own port. It is open to plain text, whatever the mesh demands of the service's.
          { source_labels: ["__meta_kubernetes_pod_container_port_name"], regex: "http-envoy-prom", action: "keep" },
          from("namespace", "namespace"),
          from("pod", "pod_name"),
          from("app", "pod_label_app"),
          from("version", "pod_label_version"),
        ],
        metric_relabel_configs: [
          // What Istio's own Envoy counts beside it is welcome.
          {
            source_labels: ["__name__", "cluster_name"],
            regex: `envoy_cluster_upstream_rq(_.*)?;${cluster}|istio_.*`,
            action: "keep",
          },
          fromCluster("destination_version", "$1"),
          fromCluster("destination_service_name", "$2"),
          fromCluster("destination_service_namespace", "$3"),
        ],
      },
    ],
  };
}
