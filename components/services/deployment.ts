import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fingerprintAnnotation, podFingerprint, type Service, subsetLabels, type Version } from "../config";
import { metadata, rolledOut } from "../kubernetes";
import { type EnvVar, podLabels, podSpec } from "./pod";

/** What pods get beside what config says. */
export interface PodArgs {
  readonly service: Service;
  readonly namespace: pulumi.Input<string>;
  readonly env?: readonly EnvVar[];
  readonly podAnnotations?: Record<string, pulumi.Input<string>>;
}

/** The Deployment of one version. */
export function deploymentArgs(args: PodArgs, version: Version): k8s.apps.v1.DeploymentArgs {
  const { service, namespace, env = [], podAnnotations = {} } = args;
  const matchLabels = podLabels(service, version);
  const { replicas } = version;
  const isFixed = typeof replicas === "number";
  // Without a trace of the range a fixed number that was there before it would seem to be there still.
  const range: Record<string, string> = isFixed ? {} : { "ftgo/replicas": `${replicas.min} to ${replicas.max}` };
  return {
    metadata: metadata({
      name: version.deployment,
      namespace,
      labels: { app: service.name, ...matchLabels },
      annotations: { ...rolledOut, ...range },
    }),
    spec: {
      replicas: isFixed ? replicas : replicas.min,
      selector: { matchLabels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      minReadySeconds: service.rollout.minReadySeconds,
      progressDeadlineSeconds: service.rollout.deadlineSeconds,
      revisionHistoryLimit: 10,
      template: {
        metadata: {
          labels: { ...matchLabels, ...subsetLabels(version) },
          annotations: { [fingerprintAnnotation]: podFingerprint(service, version), ...podAnnotations },
        },
        spec: podSpec(service, version, env),
      },
    },
  };
}

/** One pod may be away at a time. With a single pod a budget would only keep nodes from being drained: it has none. */
export function budgetSpec(service: Service, version: Version): object | undefined {
  const least = typeof version.replicas === "number" ? version.replicas : version.replicas.min;
  if (least < 2) return undefined;
  return {
    maxUnavailable: 1,
    // Only its own pods: one that two budgets are for cannot be evicted at all.
    selector: { matchLabels: { ...podLabels(service, version), ...subsetLabels(version) } },
    // A pod that is broken already must not keep its node from being drained.
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  };
}

/** The autoscaler that owns a range of replicas; undefined for a fixed number. */
export function autoscalerSpec({ deployment, replicas }: Version) {
  if (typeof replicas === "number") return undefined;
  const averageUtilization = replicas.cpu;
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
    minReplicas: replicas.min,
    maxReplicas: replicas.max,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } }],
  };
}
