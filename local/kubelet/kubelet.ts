import { isPodAddress, podAddress, podAddresses } from "../cluster/addresses";
import type { ApiClient } from "../cluster/api-client";
import type { ProjectPaths } from "../paths";
import type { Report } from "../report";
import { poll } from "../wait";
import type { Pod } from "./pod";
import { podUrl } from "./pod";
import { PodWorker } from "./pod-worker";
import { isOurs } from "./programs";

export interface KubeletArgs {
  api: ApiClient;
  paths: ProjectPaths;
  /** Paths of the executables by name. */
  tools: Record<string, string>;
  /** This process's number on the host. */
  supervisor: number;
  /** Whether FTGO's applications and their sidecars run; else they are shown by KWOK. */
  traffic: boolean;
}

const settleLimit = 60_000;

/** Plays the kubelet of all nodes for the pods that have programs here. It keeps to what a kubelet does; no container is made. */
export class Kubelet {
  readonly #args: KubeletArgs;
  readonly #workers = new Map<string, PodWorker>();
  #next = 0;
  #listed = false;

  constructor(args: KubeletArgs) {
    this.#args = args;
  }

  /** After a start nothing runs yet, whatever the statuses of the last run say. */
  async resetReadiness(): Promise<void> {
    const { api, traffic } = this.#args;
    const { items } = await api.get<{ items: Pod[] }>("/api/v1/pods");
    const ours = items.filter((pod) => isOurs(pod, traffic) && pod.status.conditions);
    await Promise.all(ours.map((pod) => api.patch(`${podUrl(pod)}/status`, { status: notReady(pod) })));
  }

  /** Follows the pods until the signal comes. */
  run(signal: AbortSignal): Promise<void> {
    const { api, traffic } = this.#args;
    return api.follow<Pod>("/api/v1/pods", signal, (pods) => {
      const ours = new Map(pods.filter((pod) => isOurs(pod, traffic)).map((pod) => [pod.metadata.uid, pod]));
      for (const [uid, worker] of this.#workers) if (!ours.has(uid)) void this.#drop(uid, worker.kill());
      // Those first that have an address already, so that no new one gets it.
      const addressed = [...ours].sort(([, a], [, b]) => Number(!a.status.podIP) - Number(!b.status.podIP));
      for (const [uid, pod] of addressed) this.#sync(uid, pod);
      this.#listed = true;
      return Promise.resolve();
    });
  }

  #sync(uid: string, pod: Pod): void {
    if (pod.spec.nodeName === undefined) return;
    const known = this.#workers.get(uid);
    const worker = known ?? new PodWorker(pod, this.#addressFor(pod), this.#args);
    this.#workers.set(uid, worker);
    worker.update(pod);
    if (pod.metadata.deletionTimestamp) void this.#drop(uid, worker.end());
    else if (!known) worker.begin();
  }

  async #drop(uid: string, gone: Promise<void>): Promise<void> {
    await gone.catch(console.error);
    this.#workers.delete(uid);
  }

  /** The one that it had before the cluster was stopped, or one that has not been used for long. */
  #addressFor({ status }: Pod): string {
    const used = new Set([...this.#workers.values()].map(({ address }) => address));
    if (status.podIP !== undefined && isPodAddress(status.podIP) && !used.has(status.podIP)) return status.podIP;
    for (;;) {
      const address = podAddress(this.#next++ % podAddresses);
      if (!used.has(address)) return address;
    }
  }

  /** Waits, bounded, until those pods are ready that the API server itself needs: istiod's, whose webhooks it calls. */
  async settled(report: Report): Promise<void> {
    if (!(await poll(() => this.#listed, settleLimit))) return;
    const pending = () =>
      [...this.#workers.values()].filter(({ isNeeded, isReady }) => isNeeded && !isReady).map(({ name }) => name);
    if (pending().length > 0) report(`Starting the processes of pods: ${pending().join(", ")} …`);
    if (!(await poll(() => pending().length === 0, settleLimit))) report(`Not ready yet: ${pending().join(", ")}.`);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.kill()));
  }
}

function notReady({ status }: Pod): object {
  const isOfReady = (type: string) => type === "Ready" || type === "ContainersReady";
  const conditions = status.conditions?.map((condition) =>
    isOfReady(condition.type) ? { ...condition, status: "False", reason: "ContainersNotReady" } : condition,
  );
  return { conditions };
}
