import { rmSync } from "node:fs";
import { messageOf } from "../errors";
import type { ProjectPaths } from "../paths";
import type { Report } from "../report";
import { poll } from "../wait";
import type { ApiClient } from "./api-client";
import { istiod, podFolder } from "./istiod";
import type { ManagedProcess, ManagedProcessArgs } from "./managed-process";
import { addPodAddress, removePodAddress } from "./network";
import type { Pod } from "./pod";
import { podUrl } from "./pod";
import { imagesWithProcess, programOf, readyAnnotation } from "./pod-process-table";
import { portForward, portForwardsUrl } from "./port-forward";

/** Whoever answers for processes in the state file. */
export interface Processes {
  run(args: ManagedProcessArgs): ManagedProcess;
  forget(name: string): void;
}

export interface PodProcessesArgs {
  api: ApiClient;
  paths: ProjectPaths;
  /** Paths of the executables by name. */
  tools: Record<string, string>;
  processes: Processes;
}

const settleLimit = 60_000;
const graceMilliseconds = 3_000;
/** How often a process is started that ends before it was ever ready, e.g. because an object that it needs comes later. */
const attempts = 5;

/** A pod whose process we answer for. */
interface Entry {
  pod: Pod;
  process?: ManagedProcess;
  phase: "starting" | "ready" | "failed";
  gone: boolean;
}

/** Runs the processes of those pods that have one, at the address that KWOK gave them. */
export class PodProcesses {
  readonly #args: PodProcessesArgs;
  readonly #entries = new Map<string, Entry>();
  #listed = false;

  constructor(args: PodProcessesArgs) {
    this.#args = args;
  }

  /** After a start no process runs yet, whatever the annotations of the last run say. */
  async resetReadiness(): Promise<void> {
    const { items } = await this.#args.api.get<{ items: Pod[] }>("/api/v1/pods");
    await Promise.all(items.filter(hasProcess).map((pod) => this.#setReady(pod, false)));
  }

  /** Follows the pods until the signal comes. */
  run(signal: AbortSignal): Promise<void> {
    return this.#args.api.follow<Pod>("/api/v1/pods", signal, async (pods) => {
      const wanted = new Map(pods.filter(isToRun).map((pod) => [pod.metadata.uid, pod]));
      for (const [uid, entry] of this.#entries) if (!wanted.has(uid)) await this.#remove(uid, entry);
      for (const [uid, pod] of wanted) if (!this.#entries.has(uid)) this.#add(uid, pod);
      this.#listed = true;
    });
  }

  /** Waits until the processes of the pods that exist now are ready, or have failed. */
  async settled(report: Report): Promise<void> {
    const pending = () => [...this.#entries.values()].filter((entry) => entry.phase === "starting");
    const names = () =>
      pending()
        .map((entry) => entry.pod.metadata.name)
        .join(", ");
    if (!(await poll(() => this.#listed, settleLimit))) return;
    if (pending().length > 0) report(`Starting the processes of pods: ${names()} …`);
    if (!(await poll(() => pending().length === 0, settleLimit))) report(`Not ready yet: ${names()}.`);
    for (const { pod, phase } of this.#entries.values())
      if (phase === "failed")
        report(`${pod.metadata.name} does not start: see \`ftgo local logs ${pod.metadata.name}\`.`);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#entries].map(([uid, entry]) => this.#remove(uid, entry)));
  }

  #add(uid: string, pod: Pod): void {
    const entry: Entry = { pod, phase: "starting", gone: false };
    this.#entries.set(uid, entry);
    void this.#bringUp(entry).catch((error: unknown) => {
      entry.phase = "failed";
      if (!entry.gone) console.error(`${pod.metadata.name}: ${messageOf(error)}`);
    });
  }

  async #bringUp(entry: Entry): Promise<void> {
    const { pod } = entry;
    const { api, processes } = this.#args;
    await addPodAddress(pod.status.podIP ?? "");
    await api.ensure(portForwardsUrl(pod), portForward(pod));
    const args = await istiod(pod, this.#args);
    console.log(`process of pod ${pod.metadata.name}: ${args.command} at ${pod.status.podIP}`);
    for (let attempt = 1; !entry.gone; attempt++) {
      const process = processes.run(args);
      entry.process = process;
      try {
        await process.healthy();
        break;
      } catch (error) {
        if (attempt === attempts) throw error;
        await poll(() => entry.gone, attempt * 500);
      }
    }
    if (entry.gone) return;
    await this.#setReady(pod, true);
    entry.phase = "ready";
    void entry.process?.ended.then(async () => {
      entry.phase = "failed";
      if (!entry.gone) await api.patch(podUrl(pod), readiness(false)).catch(() => undefined);
    });
  }

  async #remove(uid: string, entry: Entry): Promise<void> {
    entry.gone = true;
    this.#entries.delete(uid);
    await entry.process?.stop(graceMilliseconds);
    this.#args.processes.forget(entry.pod.metadata.name);
    rmSync(podFolder(this.#args.paths, entry.pod), { recursive: true, force: true });
    await removePodAddress(entry.pod.status.podIP ?? "").catch(() => undefined); // it may not have got that far
  }

  async #setReady(pod: Pod, ready: boolean): Promise<void> {
    await this.#args.api.patch(podUrl(pod), readiness(ready));
  }
}

function readiness(ready: boolean): object {
  return { metadata: { annotations: { [readyAnnotation]: ready ? "true" : null } } };
}

function hasProcess(pod: Pod): boolean {
  return pod.spec.containers.some(({ image }) => imagesWithProcess.includes(programOf(image)));
}

function isToRun(pod: Pod): boolean {
  const { metadata, status } = pod;
  return hasProcess(pod) && !metadata.deletionTimestamp && status.phase === "Running" && Boolean(status.podIP);
}
