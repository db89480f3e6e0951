import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fingerprintAnnotation } from "../config";
import { metadata, notAwaited, restricted, rolledOut } from "../kubernetes";

type Container = k8s.types.input.core.v1.Container;

/** A program of one pod. */
export interface Program extends Pick<Container, "readinessProbe" | "resources"> {
  readonly name: string;
  readonly image: string;
  readonly args: string[];
  /** Port numbers by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** The file that it reads. @default none */
  readonly config?: { readonly folder: string; readonly file: string; readonly content: string };
  /** Folder that it writes to. @default none */
  readonly data?: string;
  /** Whether it asks the API server. @default false */
  readonly token?: boolean;
}

interface ProgramArgs {
  readonly program: Program;
  readonly namespace: pulumi.Input<string>;
}

/** Its ConfigMap, ServiceAccount, Deployment and Service, all of its name. Another config rolls the pod. */
export function makeProgram(name: string, { program, namespace }: ProgramArgs, parent: pulumi.Resource): void {
  const { name: app, ports, config, token = false } = program;
  const annotated = (annotations = {}) =>
    metadata({ name: app, namespace, labels: { app, "app.kubernetes.io/name": app }, annotations });
  const map =
    config &&
    new k8s.core.v1.ConfigMap(
      `${name}/config`,
      { metadata: annotated(), data: { [config.file]: config.content } },
      { parent },
    );
  const identity = { metadata: annotated(), automountServiceAccountToken: token };
  const account = new k8s.core.v1.ServiceAccount(`${name}/account`, identity, { parent });
  const spec = { replicas: 1, selector: { matchLabels: { app } }, template: podTemplate(program) };
  const dependsOn = [account, ...(map ? [map] : [])];
  const deployment = { metadata: annotated(rolledOut), spec };
  new k8s.apps.v1.Deployment(`${name}/deployment`, deployment, { parent, dependsOn });
  const servicePorts = Object.entries(ports).map(([port, number]) => ({
    name: port,
    port: number,
    targetPort: number,
  }));
  const service = { metadata: annotated(notAwaited), spec: { selector: { app }, ports: servicePorts } };
  new k8s.core.v1.Service(`${name}/service`, service, { parent });
}

function podTemplate(program: Program): k8s.types.input.core.v1.PodTemplateSpec {
  const { name: app, image, args, ports, config, data, token = false, readinessProbe, resources } = program;
  const digest = config && createHash("sha256").update(config.content).digest("hex").slice(0, 16);
  return {
    metadata: {
      // No part of the mesh: what is wrong there shall not keep it from telling.
      labels: { app, "app.kubernetes.io/name": app, "sidecar.istio.io/inject": "false" },
      annotations: digest === undefined ? {} : { [fingerprintAnnotation]: digest },
    },
    spec: {
      serviceAccountName: app,
      automountServiceAccountToken: token,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        fsGroup: 65534,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: app,
          image,
          args,
          ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
          readinessProbe,
          resources,
          securityContext: restricted,
          volumeMounts: [
            ...(config ? [{ name: "config", mountPath: config.folder, readOnly: true }] : []),
            ...(data === undefined ? [] : [{ name: "data", mountPath: data }]),
          ],
        },
      ],
      volumes: [
        ...(config ? [{ name: "config", configMap: { name: app } }] : []),
        ...(data === undefined ? [] : [{ name: "data", emptyDir: {} }]),
      ],
    },
  };
}
