import type { ApiObject } from "./api-client";

/** What the agent looks at in a pod. */
export interface Pod extends ApiObject {
  spec: { serviceAccountName?: string; nodeName?: string; containers: Container[] };
  status: { phase?: string; podIP?: string };
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  ports?: { containerPort: number }[];
  env?: { name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } }[];
}

export function podUrl({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace ?? "default"}/pods/${metadata.name}`;
}

/** A container's environment: values, and fields of the pod. What comes from elsewhere is left out. */
export function environmentOf(container: Container, pod: Pod): Record<string, string> {
  const fields: Record<string, string | undefined> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace,
    "spec.serviceAccountName": pod.spec.serviceAccountName,
    "spec.nodeName": pod.spec.nodeName,
    "status.podIP": pod.status.podIP,
  };
  const entries = (container.env ?? []).map(({ name, value, valueFrom }) => {
    return [name, valueFrom ? fields[valueFrom.fieldRef?.fieldPath ?? ""] : (value ?? "")] as const;
  });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
