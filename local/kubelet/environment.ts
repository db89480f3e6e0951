import { availableParallelism, totalmem } from "node:os";
import { ApiError, type ApiClient } from "../cluster/api-client";
import { apiServerService } from "../cluster/addresses";
import type { Container, KeyReference, Pod, Reference } from "./pod";
import { fieldOf, namespaceOf } from "./pod";

/** Data of a ConfigMap or Secret that is not there, and has to be. */
export class Missing extends Error {}

type Data = Record<string, string>;

/** Reads the data of ConfigMaps and Secrets, decoded. */
export class DataSources {
  readonly #api: ApiClient;
  readonly #namespace: string;

  constructor(api: ApiClient, pod: Pod) {
    this.#api = api;
    this.#namespace = namespaceOf(pod);
  }

  /** @throws Missing unless it is optional, then it is empty */
  async configMap({ name, optional = false }: Reference): Promise<Data> {
    return (await this.#read("configmaps", name, optional)) ?? {};
  }

  async secret({ name, optional = false }: Reference): Promise<Data> {
    const data = (await this.#read("secrets", name, optional)) ?? {};
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  }

  async #read(kind: string, name: string, optional: boolean): Promise<Data | undefined> {
    try {
      const { data } = await this.#api.get<{ data?: Data }>(`/api/v1/namespaces/${this.#namespace}/${kind}/${name}`);
      return data;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      if (optional) return undefined;
      throw new Missing(`${kind.slice(0, -1)} "${name}" not found`);
    }
  }
}

/**
 * A container's environment, as a kubelet gives it.
 * @throws Missing when a ConfigMap or Secret that it needs is not there
 */
export async function environmentOf(container: Container, pod: Pod, sources: DataSources): Promise<Data> {
  const environment: Data = { ...apiServerService, HOSTNAME: pod.metadata.name };
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? await sources.configMap(configMapRef)
      : secretRef
        ? await sources.secret(secretRef)
        : {};
    for (const [key, value] of Object.entries(data)) environment[`${prefix}${key}`] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (!valueFrom) {
      environment[name] = expanded(value ?? "", environment);
      continue;
    }
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    const found = fieldRef
      ? fieldOf(pod, fieldRef.fieldPath)
      : resourceFieldRef
        ? limitOf(container, resourceFieldRef.resource)
        : configMapKeyRef
          ? keyOf(configMapKeyRef, await sources.configMap(configMapKeyRef))
          : secretKeyRef && keyOf(secretKeyRef, await sources.secret(secretKeyRef));
    if (found !== undefined) environment[name] = found;
  }
  return environment;
}

/** Replaces `$(NAME)` by the variable of that name; one that is not there stays as it is. */
export function expanded(text: string, environment: Data): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (whole, name?: string) =>
    name === undefined ? "$" : (environment[name] ?? whole),
  );
}

function keyOf({ name, key, optional = false }: KeyReference, data: Data): string | undefined {
  if (data[key] === undefined && !optional) throw new Missing(`couldn't find key ${key} in ${name}`);
  return data[key];
}

/** `limits.cpu` in whole cores, `limits.memory` in bytes; of what has no limit, what this machine has. */
function limitOf({ resources }: Container, path: string): string {
  const [kind = "", resource = ""] = path.split(".");
  const quantity = resources?.[kind as "limits" | "requests"]?.[resource];
  if (resource === "cpu") return String(quantity === undefined ? availableParallelism() : Math.ceil(amount(quantity)));
  return String(quantity === undefined ? totalmem() : amount(quantity));
}

const units: Data = { m: "1e-3", "": "1", k: "1e3", M: "1e6", G: "1e9", Ki: "1024", Mi: "1048576", Gi: "1073741824" };

function amount(quantity: string): number {
  const [, number = "0", unit = ""] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Number(number) * Number(units[unit]);
}
