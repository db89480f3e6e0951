import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ApiClient } from "../cluster/api-client";
import { writeWhole } from "../files";
import type { DataSources } from "./environment";
import type { Container, Items, Pod, Volume } from "./pod";
import { fieldOf, namespaceOf } from "./pod";

/** Where a container's files are, which sees them under its working folder: there is no image that could be its root. */
export interface VolumesArgs {
  api: ApiClient;
  pod: Pod;
  sources: DataSources;
  /** The pod's own folder. */
  folder: string;
  /** Whose end ends the renewal of tokens. */
  signal: AbortSignal;
}

const readable = 0o644;

/**
 * Fills the pod's volumes.
 * @throws Missing when a ConfigMap or Secret that it needs is not there
 */
export async function fillVolumes(args: VolumesArgs): Promise<void> {
  const renewals: Renewal[] = [];
  for (const volume of args.pod.spec.volumes ?? []) renewals.push(...(await fill(volume, args)));
  // Only now: who has to try again begins anew.
  if (args.signal.aborted) return;
  for (const { renew, milliseconds } of renewals) {
    const timer = setInterval(() => void renew().catch(console.error), milliseconds);
    args.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }
}

/** What has to be written again and again. */
interface Renewal {
  readonly renew: () => Promise<void>;
  readonly milliseconds: number;
}

function volumeFolder(folder: string, name: string): string {
  return join(folder, "volumes", name);
}

async function fill(volume: Volume, { api, pod, sources, folder }: VolumesArgs): Promise<Renewal[]> {
  const renewals: Renewal[] = [];
  const place = volumeFolder(folder, volume.name);
  mkdirSync(place, { recursive: true });
  const write = (path: string, content: string) => writeWhole(join(place, path), content, readable);
  const writeData = (data: Record<string, string>, { items }: Items) => {
    const chosen = items ?? Object.keys(data).map((key) => ({ key, path: key }));
    for (const { key, path } of chosen) write(path, data[key] ?? "");
  };
  const { configMap, secret, downwardAPI, projected } = volume;
  const parts = [
    ...(projected?.sources ?? []),
    { configMap, downwardAPI, secret: secret && { ...secret, name: secret.secretName } },
  ];
  for (const part of parts) {
    if (part.configMap) writeData(await sources.configMap(part.configMap), part.configMap);
    if (part.secret) writeData(await sources.secret(part.secret), part.secret);
    for (const { path, fieldRef } of part.downwardAPI?.items ?? [])
      if (fieldRef) write(path, fieldOf(pod, fieldRef.fieldPath) ?? "");
    if ("serviceAccountToken" in part && part.serviceAccountToken) {
      const { path, audience, expirationSeconds = 3600 } = part.serviceAccountToken;
      const renew = async () => write(path, await token(api, pod, expirationSeconds, audience));
      await renew();
      // Twice in its time, so that one that fails leaves the time for another.
      renewals.push({ renew, milliseconds: expirationSeconds * 400 });
    }
  }
  return renewals;
}

async function token(api: ApiClient, pod: Pod, expirationSeconds: number, audience?: string): Promise<string> {
  const { name, uid } = pod.metadata;
  const account = pod.spec.serviceAccountName ?? "default";
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: {
      expirationSeconds,
      audiences: audience === undefined ? undefined : [audience],
      boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
    },
  };
  const url = `/api/v1/namespaces/${namespaceOf(pod)}/serviceaccounts/${account}/token`;
  return (await api.post<{ status: { token: string } }>(url, request)).status.token;
}

/** Makes a container's working folder, in which its mounts are links to the pod's volumes. */
export function makeRoot({ name, volumeMounts = [] }: Container, folder: string): string {
  const root = join(folder, "containers", name);
  mkdirSync(root, { recursive: true });
  // The outer ones first: one that lies in another becomes part of that one's volume.
  const mounts = [...volumeMounts].sort((a, b) => a.mountPath.length - b.mountPath.length);
  for (const { name: volume, mountPath, subPath = "" } of mounts) {
    const path = join(root, mountPath);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(volumeFolder(folder, volume), subPath), path);
  }
  return root;
}
