import { createHash } from "node:crypto";
import type { Service, Version } from "./model";

/** Keys of a service that shape its pods. The others say how many there are, who reaches them, and how they are replaced. */
export const podKeys = [
  "image",
  "imagePullPolicy",
  "imagePullSecrets",
  "port",
  "env",
  "config",
  "dataStores",
  "resources",
  "probes",
  "placement",
  "stop",
  "sidecars",
  "initContainers",
  "volumes",
  "mounts",
] as const;

/** Annotation of pods that use the database: a keyed hash of the password, by which logins are told apart. */
export const loginAnnotation = "ftgo/database-login";

/** Annotation of pods with secret variables: a keyed hash of their values. */
export const secretsAnnotation = "ftgo/secrets";

/** Annotation of the pods that holds their fingerprint. */
export const fingerprintAnnotation = "ftgo/config-hash";

/**
 * Changes exactly when what config says of a version's pods does, contents of ConfigMaps included. Pods carry it: a new
 * ConfigMap rolls them, and what runs can be told from what the stack file says. No secret is part of it.
 */
export function podFingerprint(service: Service, version: Version): string {
  const all: Record<string, unknown> = { ...service, ...version };
  return contentHash(podKeys.map((key) => [key, all[key]])).slice(0, 16);
}

/** SHA-256, hexadecimal, of what a value says: the order of keys means nothing. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, sortKeys)).digest("hex");
}

/** The fingerprint of the version with that Deployment; undefined when the service has none. */
export function fingerprintOf(service: Service, deployment: string): string | undefined {
  const version = service.versions.find((candidate) => candidate.deployment === deployment);
  return version && podFingerprint(service, version);
}

/** The order in which a file names its keys means nothing. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
