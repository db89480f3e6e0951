import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { until } from "./cluster-lab";
import { type KubeObject, type Platform } from "./platform-lab";

interface Event {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject;
}

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: KubeObject[];
}

/** What the API server had at one moment: objects by name, by the collection's path. */
export type Moment = ReadonlyMap<string, ReadonlyMap<string, KubeObject>>;

/** Collections that tests watch, in any namespace. */
export const collections = {
  pods: "/api/v1/pods",
  endpointSlices: "/apis/discovery.k8s.io/v1/endpointslices",
  routes: "/apis/networking.istio.io/v1/virtualservices",
  rules: "/apis/networking.istio.io/v1/destinationrules",
};

/**
 * Records every change of some collections. etcd numbers all writes of the cluster in one order, so that what was there at
 * the same moment is known afterwards exactly, however late a watch was told.
 */
export class Watch {
  private readonly events: { path: string; revision: number; event: Event }[] = [];
  private readonly first = new Map<string, List>();
  private readonly processes: ChildProcess[] = [];

  private constructor(
    private readonly lab: Platform,
    private readonly paths: readonly string[],
  ) {}

  static async open(lab: Platform, ...paths: string[]): Promise<Watch> {
    const watch = new Watch(lab, paths);
    for (const path of paths) await watch.follow(path);
    return watch;
  }

  /** Ends the watch once it has seen all that has happened. Gives every moment, in order. */
  async close(): Promise<Moment[]> {
    try {
      for (const path of this.paths) {
        const { metadata, items } = await this.read(path);
        const seen = () => this.replay(Number(metadata.resourceVersion)).at(-1)?.get(path)?.values() ?? [];
        await until(`the watch of ${path} has seen everything`, () => revisions([...seen()]) === revisions(items));
      }
    } finally {
      await this.stop();
    }
    return this.replay();
  }

  /** Ends the watch; a second time does nothing. */
  async stop(): Promise<void> {
    for (const child of this.processes.splice(0)) {
      const exit = once(child, "exit");
      if (child.kill()) await exit;
    }
  }

  private async read(path: string): Promise<List> {
    return JSON.parse(await this.lab.kubectl("get", "--raw", path)) as List;
  }

  private async follow(path: string): Promise<void> {
    const list = await this.read(path);
    this.first.set(path, list);
    const query = `${path}?watch=true&resourceVersion=${list.metadata.resourceVersion}`;
    const child = spawn(this.lab.tool("kubectl"), [...this.lab.access, "get", "--raw", query], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.processes.push(child);
    createInterface(child.stdout).on("line", (line) => {
      const event = JSON.parse(line) as Event;
      this.events.push({ path, revision: Number(event.object.metadata.resourceVersion), event });
    });
  }

  private replay(last = Infinity): Moment[] {
    const state = new Map(
      [...this.first].map(([path, list]) => [path, new Map(list.items.map((item) => [item.metadata.name, item]))]),
    );
    const start = Math.max(...[...this.first.values()].map((list) => Number(list.metadata.resourceVersion)));
    const snapshot = () => new Map([...state].map(([path, objects]) => [path, new Map(objects)]));
    const moments: Moment[] = [];
    for (const { path, revision, event } of this.events.toSorted((a, b) => a.revision - b.revision)) {
      const { type, object } = event;
      if (revision > last) break;
      assert.ok(type !== "ERROR", JSON.stringify(object));
      // Up to here the lists were taken at different times, so this is no moment yet.
      if (moments.length === 0 && revision > start) moments.push(snapshot());
      if (type === "DELETED") state.get(path)?.delete(object.metadata.name);
      else state.get(path)?.set(object.metadata.name, object);
      if (revision > start) moments.push(snapshot());
    }
    return moments.length > 0 ? moments : [snapshot()];
  }
}

function revisions(objects: readonly KubeObject[]): string {
  return objects
    .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
    .sort()
    .join();
}

/** Pods that get requests at a moment: ready, and not on their way out. */
export function readyPods(moment: Moment, labels: Readonly<Record<string, string>>): KubeObject[] {
  return [...(moment.get(collections.pods)?.values() ?? [])].filter(
    (pod) =>
      Object.entries(labels).every(([name, value]) => pod.metadata.labels?.[name] === value) &&
      pod.metadata.deletionTimestamp === undefined &&
      isReady(pod),
  );
}

export function isReady({ status }: KubeObject): boolean {
  const conditions = (status["conditions"] ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** Addresses that a Service hands its requests to at a moment. */
export function readyEndpoints(moment: Moment, service: string): number {
  const slices = [...(moment.get(collections.endpointSlices)?.values() ?? [])] as unknown as EndpointSlice[];
  return slices
    .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions.ready).length;
}

interface EndpointSlice extends Pick<KubeObject, "metadata"> {
  readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[];
}

/** What tests read of a VirtualService. */
export interface Route {
  readonly http: { readonly route: { readonly destination: { readonly host: string; readonly subset: string } }[] }[];
}

/** Rules of a route without what they say of timeouts and retries: who gets what. */
export function audiences({ http }: Route): object[] {
  const ofSending = ["timeout", "retries"];
  return http.map((rule) => Object.fromEntries(Object.entries(rule).filter(([key]) => !ofSending.includes(key))));
}

interface Rule {
  readonly host: string;
  readonly subsets?: { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** What requests would run into at a moment: routes to a version that has no subset or no ready pod. */
export function brokenRoutes(moment: Moment): string[] {
  const rules = [...(moment.get(collections.rules)?.values() ?? [])].map(({ spec }) => spec as Rule);
  return [...(moment.get(collections.routes)?.values() ?? [])].flatMap(({ metadata, spec }) =>
    (spec as Route).http
      .flatMap(({ route }) => route.map(({ destination }) => destination))
      .flatMap(({ host, subset }) => {
        const labels = rules.filter((rule) => rule.host === host).flatMap((rule) => rule.subsets ?? []);
        const found = labels.find(({ name }) => name === subset)?.labels;
        if (found === undefined) return [`${metadata.name} names ${subset}, which has no subset`];
        return readyPods(moment, { app: host, ...found }).length > 0
          ? []
          : [`${metadata.name} names ${subset}: no pod`];
      }),
  );
}
