import { ApiError } from "./http-client";
import type { HttpClient } from "./http-client";
import type { Gvk } from "./resource-type";
import { field, list, text } from "./wire";

/** Where objects of a kind live. */
export interface ResourcePath {
  plural: string;
  namespaced: boolean;
  /** `/api/v1` or `/apis/<group>/<version>`. */
  prefix: string;
}

/** The API server does not know the kind: usually a CustomResourceDefinition that is not there yet. */
export class UnknownKind extends Error {
  constructor(gvk: Gvk) {
    super(
      `the API server has no kind ${gvk.kind} in ${gvk.apiVersion}. If it comes from a CustomResourceDefinition, ` +
        "create that first and make this resource depend on it",
    );
  }
}

/** Finds the path of a kind; what was found is kept, what was not is asked for again. */
export class Discovery {
  private readonly known = new Map<string, Map<string, ResourcePath>>();
  private readonly pending = new Map<string, Promise<Map<string, ResourcePath>>>();

  constructor(private readonly http: HttpClient) {}

  /** Throws UnknownKind if the server does not serve the kind. */
  async find(gvk: Gvk): Promise<ResourcePath> {
    const found = this.known.get(gvk.apiVersion)?.get(gvk.kind) ?? (await this.load(gvk.apiVersion)).get(gvk.kind);
    if (!found) throw new UnknownKind(gvk);
    return found;
  }

  async exists(gvk: Gvk): Promise<boolean> {
    try {
      await this.find(gvk);
      return true;
    } catch (error) {
      if (error instanceof UnknownKind) return false;
      throw error;
    }
  }

  private load(apiVersion: string): Promise<Map<string, ResourcePath>> {
    const running = this.pending.get(apiVersion);
    if (running) return running;
    const loading = this.fetch(apiVersion).finally(() => this.pending.delete(apiVersion));
    this.pending.set(apiVersion, loading);
    return loading;
  }

  private async fetch(apiVersion: string): Promise<Map<string, ResourcePath>> {
    const prefix = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const kinds = new Map<string, ResourcePath>();
    try {
      for (const resource of list(await this.http.send({ path: prefix }), "resources")) {
        const [plural, kind] = [text(resource, "name"), text(resource, "kind")];
        if (!plural || !kind || plural.includes("/")) continue;
        kinds.set(kind, { plural, prefix, namespaced: field(resource, "namespaced") === true });
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
    this.known.set(apiVersion, kinds);
    return kinds;
  }
}

/** Path of the collection, or of one object of it. */
export function pathOf(resource: ResourcePath, namespace: string | undefined, name?: string): string {
  const scope = resource.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? "default")}` : "";
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${resource.prefix}${scope}/${resource.plural}${object}`;
}
