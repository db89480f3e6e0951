import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider";
import { awsProvider, Cluster, Network } from "../../components/aws";
import type { EksConfig } from "../../components/config/cluster";
import { eksConfig, record, type Recording } from "./aws-mocks";

/** The lines of index.ts that make the AWS part. */
export function platform(config: EksConfig) {
  const { region, zones, vpcCidr, nat, name: clusterName } = config;
  const provider = awsProvider(region);
  const network = new Network("network", { region, zones, vpcCidr, nat, clusterName }, { provider });
  const cluster = new Cluster("cluster", { config, network }, { provider });
  const { kubeconfig, arn: clusterIdentifier, ready } = cluster;
  const kubernetes = new KubernetesProvider("kubernetes", { kubeconfig, clusterIdentifier }, { dependsOn: ready });
  return { cluster, kubernetes };
}

const recordings = new Map<string, Promise<Recording>>();

/** What the AWS part registers for a config; each config is run once. */
export function made(given: Record<string, unknown> = {}): Promise<Recording> {
  const key = JSON.stringify(given);
  const recording = recordings.get(key) ?? record(() => platform(eksConfig(given)));
  recordings.set(key, recording);
  return recording;
}

/** Inputs of one resource of it. */
export async function inputs(name: string, given: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  return (await made(given)).get(name).inputs;
}
