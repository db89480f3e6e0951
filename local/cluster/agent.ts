import type { Report } from "../report";
import { runLoadBalancers } from "./load-balancers";
import type { PodProcessesArgs } from "./pod-processes";
import { PodProcesses } from "./pod-processes";

/** Plays what a cluster's nodes and cloud do, as far as KWOK does not: processes of pods, and load balancers. */
export class Agent {
  readonly #args: PodProcessesArgs;
  readonly #pods: PodProcesses;
  readonly #stopped = new AbortController();
  #work: Promise<void>[] = [];

  constructor(args: PodProcessesArgs) {
    this.#args = args;
    this.#pods = new PodProcesses(args);
  }

  /** Begins; when it answers, no pod is called ready any more whose process ran before the cluster was stopped. */
  async start(): Promise<void> {
    const { api } = this.#args;
    await this.#pods.resetReadiness();
    this.#work = [runLoadBalancers(api, this.#stopped.signal), this.#pods.run(this.#stopped.signal)];
  }

  /** Waits, bounded, until pods that existed at the start have their process again. */
  settled(report: Report): Promise<void> {
    return this.#pods.settled(report);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#work);
    await this.#pods.stop();
  }
}
