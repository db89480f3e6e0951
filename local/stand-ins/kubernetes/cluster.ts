import { Discovery, pathOf } from "./discovery";
import type { ResourcePath } from "./discovery";
import { ApiError, HttpClient } from "./http-client";
import type { Connection } from "./kubeconfig";
import type { Gvk } from "./resource-type";
import { list, text } from "./wire";
import type { Fields, Value } from "./wire";

/** The one cluster that a provider is configured for. */
export class Cluster {
  readonly http: HttpClient;
  readonly discovery: Discovery;

  constructor(connection: Connection) {
    this.http = new HttpClient(connection);
    this.discovery = new Discovery(this.http);
  }

  /** Path of the object with this kind, namespace and name. Throws UnknownKind. */
  async path(gvk: Gvk, namespace: string | undefined, name?: string): Promise<string> {
    return pathOf(await this.discovery.find(gvk), namespace, name);
  }

  resource(gvk: Gvk): Promise<ResourcePath> {
    return this.discovery.find(gvk);
  }

  /** The object at a path, or undefined if there is none. */
  async get(path: string): Promise<Fields | undefined> {
    try {
      return await this.http.send({ path });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list(path: string, query: Record<string, string>): Promise<Value[]> {
    return list(await this.http.send({ path, query }), "items");
  }

  /** The newest warning that Kubernetes has recorded about an object: `FailedScheduling: 0/3 nodes ...`. */
  async warningAbout(object: Value): Promise<string | undefined> {
    const uid = text(object, "metadata", "uid");
    if (!uid) return undefined;
    const namespace = text(object, "metadata", "namespace") ?? "default";
    const fieldSelector = `involvedObject.uid=${uid},type=Warning`;
    const events = await this.list(`/api/v1/namespaces/${namespace}/events`, { fieldSelector });
    const newest: Value | undefined = events.sort((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1);
    return newest === undefined
      ? undefined
      : `${text(newest, "reason") ?? "Warning"}: ${text(newest, "message") ?? ""}`;
  }
}

function timeOf(event: Value): string {
  return text(event, "lastTimestamp") ?? text(event, "eventTime") ?? text(event, "metadata", "creationTimestamp") ?? "";
}
