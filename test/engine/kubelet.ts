import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "./platform-lab";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly Variable[];
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly [PodContainer, ...PodContainer[]] };
  readonly status: { readonly podIP?: string; readonly phase?: string };
}

/** What a pod's container is given as it starts. */
export interface Start {
  readonly pod: Pod;
  readonly env: Readonly<Record<string, string>>;
  /** Comes when the pod has been deleted. */
  readonly deleted: AbortSignal;
  /** Shows the pod ready. */
  readonly ready: () => Promise<void>;
}

/** How a pod's container ends: with exit code 0, or with what it says of its failure. Undefined: its pod was deleted. */
export type Run = (start: Start) => Promise<{ exitCode: number; message: string } | undefined>;

/**
 * Runs the pods of namespace ftgo that KWOK leaves alone, those whose image's tag begins with `missing`: a container's
 * variables are read from their Secrets when it starts, as a kubelet does, and never again.
 */
export class Kubelet {
  private readonly running = new Map<string, { readonly deleted: AbortController; readonly ended: Promise<void> }>();
  private readonly over = new AbortController();
  private proxy?: ChildProcess;
  private url = "";
  private loop?: Promise<void>;

  constructor(
    private readonly lab: Platform,
    private readonly run: Run,
  ) {}

  async start(): Promise<void> {
    const args = [...this.lab.access, "proxy", "--port=0"];
    this.proxy = spawn(this.lab.tool("kubectl"), args, { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(this.proxy.stdout);
    const [line] = (await once(createInterface(this.proxy.stdout), "line")) as [string];
    this.url = `http://${/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? assert.fail(line)}/api/v1/namespaces/ftgo`;
    this.loop = this.follow();
  }

  /** Ends every container. */
  async stop(): Promise<void> {
    this.over.abort();
    await this.loop;
    for (const { deleted } of this.running.values()) deleted.abort();
    await Promise.all([...this.running.values()].map(({ ended }) => ended));
    this.proxy?.kill();
  }

  private async follow(): Promise<void> {
    while (!this.over.signal.aborted) {
      const { items } = await this.get<{ items: Pod[] }>("/pods");
      const here = new Set(items.map(({ metadata }) => metadata.uid));
      for (const [uid, { deleted }] of this.running) if (!here.has(uid)) deleted.abort();
      for (const pod of items) {
        const { uid } = pod.metadata;
        const isOurs = pod.spec.containers[0].image.includes(":missing") && pod.status.podIP !== undefined;
        if (!isOurs || this.running.has(uid)) continue;
        const deleted = new AbortController();
        this.running.set(uid, { deleted, ended: this.bringUp(pod, deleted.signal) });
      }
      await pause(50);
    }
  }

  private async bringUp(pod: Pod, deleted: AbortSignal): Promise<void> {
    const env = await this.environmentOf(pod);
    const ready = () => this.show(pod, { phase: "Running", conditions: conditions("True") });
    const end = await this.run({ pod, env, deleted, ready });
    if (end === undefined) return;
    const terminated = { ...end, reason: end.exitCode === 0 ? "Completed" : "Error" };
    const { name, image } = pod.spec.containers[0];
    await this.show(pod, {
      phase: end.exitCode === 0 ? "Succeeded" : "Failed",
      conditions: conditions("False"),
      containerStatuses: [{ name, image, imageID: "", ready: false, restartCount: 0, state: { terminated } }],
    });
  }

  private async environmentOf({ spec }: Pod): Promise<Record<string, string>> {
    const env: Record<string, string> = {};
    for (const { name, value = "", valueFrom } of spec.containers[0].env ?? []) {
      const reference = valueFrom?.secretKeyRef;
      if (reference === undefined) env[name] = value;
      else {
        const secret = await this.get<{ data?: Record<string, string> }>(`/secrets/${reference.name}`);
        const encoded = secret.data?.[reference.key];
        if (encoded !== undefined) env[name] = Buffer.from(encoded, "base64").toString();
      }
    }
    return env;
  }

  /** An object, or what the API server says in the place of it. */
  private async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }

  private async show({ metadata }: Pod, status: object): Promise<void> {
    await fetch(`${this.url}/pods/${metadata.name}/status`, {
      method: "PATCH",
      headers: { "content-type": "application/merge-patch+json" },
      body: JSON.stringify({ metadata: { uid: metadata.uid }, status }),
    });
  }
}

function conditions(status: "True" | "False") {
  const lastTransitionTime = new Date().toISOString();
  const ours = ["Ready", "ContainersReady"].map((type) => ({ type, status, lastTransitionTime }));
  const earlier = ["PodScheduled", "Initialized"].map((type) => ({ type, status: "True", lastTransitionTime }));
  return [...earlier, ...ours];
}
