import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../errors";
import { apiServer } from "./addresses";
import type { Credentials } from "./credentials";

/** What every Kubernetes object has. */
export interface ApiObject {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion?: string;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
}

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    what: string,
    body: string,
  ) {
    super(`${what}: ${status} ${reasonIn(body)}`);
  }
}

const retryMilliseconds = 300;

/** Talks to the API server from inside the namespace, as administrator. Just enough for the agent. */
export class ApiClient {
  readonly #connection: https.RequestOptions;

  constructor(credentials: Credentials) {
    this.#connection = {
      ...apiServer,
      ca: readFileSync(credentials.caCertificate),
      cert: readFileSync(credentials.adminCertificate),
      key: readFileSync(credentials.adminKey),
      agent: new https.Agent({ keepAlive: true }),
    };
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>("GET", path);
  }

  /** @returns what the API server made of the object */
  post<T>(path: string, object: object): Promise<T> {
    return this.#call<T>("POST", path, object);
  }

  delete(path: string, options: object): Promise<unknown> {
    return this.#call("DELETE", path, options);
  }

  /** Makes an object what is given, whether it is there or not. @param collection path of its kind and namespace */
  async apply(collection: string, name: string, object: object): Promise<void> {
    const url = `${collection}/${name}?fieldManager=local&force=true`;
    await this.#call("PATCH", url, object, "application/apply-patch+yaml");
  }

  /** Creates an object unless there is one of its name. */
  async ensure(path: string, object: object): Promise<void> {
    try {
      await this.#call("POST", path, object);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
    }
  }

  /** JSON merge patch: `null` takes a field away. An object that has gone meanwhile is left at that. */
  async patch(path: string, change: object): Promise<void> {
    try {
      await this.#call("PATCH", path, change, "application/merge-patch+json");
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /**
   * Follows a collection until the signal comes. `changed` gets all of its objects, first when they are known and again
   * after every change; it is never called twice at once, and changes in between are put together.
   */
  async follow<T extends ApiObject>(
    path: string,
    signal: AbortSignal,
    changed: (objects: T[]) => Promise<void>,
  ): Promise<void> {
    const objects = new Map<string, T>();
    let dirty = false;
    let working: Promise<void> | undefined;
    const settle = async () => {
      while (dirty && !signal.aborted) {
        dirty = false;
        try {
          await changed([...objects.values()]);
        } catch (error) {
          console.error(`${path}: ${messageOf(error)}`);
          await pause(retryMilliseconds);
          dirty = true;
        }
      }
      working = undefined;
    };
    const notify = () => {
      dirty = true;
      working ??= settle();
    };
    let lastComplaint = "";
    while (!signal.aborted) {
      try {
        const list = await this.get<{ metadata: { resourceVersion: string }; items: T[] }>(path);
        objects.clear();
        for (const item of list.items) objects.set(item.metadata.uid, item);
        notify();
        for await (const { type, object } of this.#watch<T>(path, list.metadata.resourceVersion, signal)) {
          if (type === "ERROR") break; // the version is too old: list again
          if (type === "BOOKMARK") continue;
          if (type === "DELETED") objects.delete(object.metadata.uid);
          else objects.set(object.metadata.uid, object);
          notify();
        }
      } catch (error) {
        const complaint = `watch of ${path}: ${messageOf(error)}`;
        if (!signal.aborted && complaint !== lastComplaint) console.error(complaint);
        lastComplaint = complaint;
      }
      if (!signal.aborted) await pause(retryMilliseconds);
    }
    await working;
  }

  async *#watch<T>(path: string, version: string, signal: AbortSignal): AsyncGenerator<{ type: string; object: T }> {
    const url = `${path}${path.includes("?") ? "&" : "?"}watch=1&allowWatchBookmarks=true&resourceVersion=${version}`;
    // A connection of its own: it stays open for as long as the watch.
    const response = await this.#send("GET", url, { agent: undefined, signal });
    if (response.statusCode !== 200) throw new ApiError(response.statusCode ?? 0, url, await textOf(response));
    let rest = "";
    for await (const part of response.setEncoding("utf8") as AsyncIterable<string>) {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as { type: string; object: T };
    }
  }

  async #call<T>(method: string, path: string, body?: object, type = "application/json"): Promise<T> {
    const text = body && JSON.stringify(body);
    // The length too: Node would send the body of a DELETE without a word about where it ends.
    const headers = text ? { "content-type": type, "content-length": Buffer.byteLength(text) } : {};
    const response = await this.#send(method, path, { headers }, text);
    const answer = await textOf(response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw new ApiError(status, `${method} ${path}`, answer);
    return JSON.parse(answer) as T;
  }

  #send(method: string, path: string, options: https.RequestOptions, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = https.request({ ...this.#connection, method, path, ...options }, resolve);
      request.on("error", reject);
      request.end(body);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of response.setEncoding("utf8") as AsyncIterable<string>) text += part;
  return text;
}

function reasonIn(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body;
  }
}
