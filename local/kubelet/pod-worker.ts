import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../errors";
import { nodes } from "../cluster/addresses";
import { ApiError } from "../cluster/api-client";
import { logFile } from "../cluster/command-lines";
import { makeAccessible } from "./access";
import { RunningContainer } from "./container";
import { DataSources } from "./environment";
import type { KubeletArgs } from "./kubelet";
import type { Container, Pod } from "./pod";
import { isSidecar, podUrl } from "./pod";
import { isOurs } from "./programs";
import { Sandbox } from "./sandbox";
import { podStatus } from "./status";
import { fillVolumes, makeRoot } from "./volumes";

const retryMilliseconds = 500;

/** The life of one pod: namespaces, volumes, init containers in their order, containers, and its end. */
export class PodWorker {
  readonly #args: KubeletArgs;
  readonly address: string;
  #pod: Pod;
  #sandbox: Sandbox | undefined;
  readonly #containers: RunningContainer[] = [];
  readonly #ending = new AbortController();
  #begun: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;
  #publishing: Promise<void> | undefined;
  #isDirty = false;

  constructor(pod: Pod, address: string, args: KubeletArgs) {
    this.#args = args;
    this.address = address;
    this.#pod = { ...pod, status: this.#statusOf(pod) };
  }

  get name(): string {
    return this.#pod.metadata.name;
  }

  /** Where the pod's files are; they go with it. */
  get #folder(): string {
    return join(this.#args.paths.pods, this.#pod.metadata.uid);
  }

  /** Begins, and goes on until `end` or `kill`. */
  begin(): void {
    this.#begun = this.#bringUp().catch((error: unknown) => {
      if (!this.#ending.signal.aborted) console.error(`pod ${this.name}: ${messageOf(error)}`);
    });
  }

  /** Runs whether there is traffic or not. */
  get isNeeded(): boolean {
    return isOurs(this.#pod, false);
  }

  /** All containers are ready. */
  get isReady(): boolean {
    const { containers } = this.#pod.spec;
    const ready = this.#containers.filter(({ spec, status }) => containers.includes(spec) && status.ready);
    return ready.length === containers.length;
  }

  /** A newer version of the pod. Its conditions are written by others, too. */
  update(pod: Pod): void {
    this.#pod = { ...this.#pod, metadata: pod.metadata, status: this.#statusOf(pod) };
  }

  /** As it is in the API, with what is known here before that. */
  #statusOf(pod: Pod): Pod["status"] {
    return { ...pod.status, podIP: this.address, hostIP: hostOf(pod) };
  }

  async #bringUp(): Promise<void> {
    const { api, paths, supervisor } = this.#args;
    rmSync(this.#folder, { recursive: true, force: true });
    const { initContainers = [], containers } = this.#pod.spec;
    const create = () => Sandbox.create(this.#pod, this.address, this.#folder, supervisor);
    const sandbox = (this.#sandbox = await this.#untilDone("network", create));
    const [{ signal }, pod, folder] = [this.#ending, this.#pod, this.#folder];
    const fill = () => fillVolumes({ api, pod, sources: new DataSources(api, pod), folder, signal });
    await this.#untilDone("volumes", fill);
    for (const each of [...initContainers, ...containers]) this.#containers.push(this.#container(each));
    const logs = this.#containers.map(({ spec: { name } }) => [name, logFile(paths, this.#logName(name))] as const);
    await this.#untilDone("ports and logs", () => makeAccessible(pod, sandbox, Object.fromEntries(logs), api));
    for (const container of this.#containers) {
      if (this.#ending.signal.aborted) return;
      if (!initContainers.includes(container.spec)) container.keepRunning();
      else if (isSidecar(container.spec)) {
        container.keepRunning();
        await container.started();
      } else await container.runToEnd();
    }
  }

  /** Tries until it is done or the pod goes: ConfigMaps may come later, and a busy API server may answer later. */
  async #untilDone<T>(what: string, work: () => Promise<T>): Promise<T> {
    let complaint = "";
    for (;;) {
      this.#ending.signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (messageOf(error) !== complaint) console.error(`${what} of pod ${this.name}: ${messageOf(error)}`);
        complaint = messageOf(error);
        await pause(retryMilliseconds);
      }
    }
  }

  #container(container: Container): RunningContainer {
    const { api, paths, tools, traffic } = this.#args;
    const { initContainerStatuses = [], containerStatuses = [] } = this.#pod.status;
    const before = [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container.name);
    if (!this.#sandbox) throw new Error("no namespace");
    return new RunningContainer({
      ...{ api, paths, tools, traffic, container, pod: this.#pod, sandbox: this.#sandbox },
      root: makeRoot(container, this.#folder),
      log: logFile(paths, this.#logName(container.name)),
      restarts: before === undefined ? 0 : before.restartCount + 1,
      changed: () => this.#publish(),
    });
  }

  #logName(container: string): string {
    return `${this.name}_${this.#pod.metadata.namespace}_${container}`;
  }

  /** Lets it end as its grace period says, and takes it out of the API. */
  end(): Promise<void> {
    return (this.#ended ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#ending.abort();
    const grace = this.#pod.metadata.deletionGracePeriodSeconds ?? 30;
    const { initContainers = [] } = this.#pod.spec;
    const sidecars = this.#containers.filter(({ spec }) => initContainers.includes(spec)).reverse();
    const others = this.#containers.filter((container) => !sidecars.includes(container));
    // Hooks run at once; sidecars are asked to go when the others have gone, the last one first.
    const gone = Promise.all(others.map((container) => container.stop(grace)));
    let turn: Promise<unknown> = gone;
    for (const sidecar of sidecars) turn = Promise.all([turn, sidecar.stop(grace, turn)]);
    await turn;
    await this.#remove();
    await this.#args.api
      .delete(podUrl(this.#pod), {
        apiVersion: "v1",
        kind: "DeleteOptions",
        gracePeriodSeconds: 0,
        preconditions: { uid: this.#pod.metadata.uid },
      })
      .catch(ignoreGone);
  }

  /** Ends it at once: it has been taken out of the API, or the whole cluster ends. */
  async kill(): Promise<void> {
    this.#ending.abort();
    for (const container of this.#containers) container.kill();
    await this.#remove();
  }

  async #remove(): Promise<void> {
    await this.#begun;
    await this.#sandbox?.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Writes the status, the newest one only: changes that come meanwhile are put together. */
  #publish(): void {
    this.#isDirty = true;
    this.#publishing ??= this.#writeStatus().finally(() => (this.#publishing = undefined));
  }

  async #writeStatus(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      const statuses = this.#containers.map(({ status }) => status);
      const { uid } = this.#pod.metadata;
      const body = { metadata: { uid }, status: podStatus(this.#pod, this.address, statuses) };
      try {
        await this.#args.api.patch(`${podUrl(this.#pod)}/status`, body);
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) return; // another pod has its name
        await pause(retryMilliseconds);
        this.#isDirty = true;
      }
    }
  }
}

function hostOf({ spec }: Pod): string | undefined {
  return nodes.find(({ name }) => name === spec.nodeName)?.address;
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof ApiError && [404, 409].includes(error.status))) throw error;
}
