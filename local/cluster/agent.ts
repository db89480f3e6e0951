import { Kubelet, type KubeletArgs } from "../kubelet/kubelet";
import type { Report } from "../report";
import type { Target } from "./forwarder";
import { runLoadBalancers } from "./load-balancers";
import { WayIn } from "./way-in";

/** Plays what a cluster's nodes and cloud do, as far as KWOK does not: pods that have programs, and load balancers. */
export class Agent {
  readonly #args: KubeletArgs;
  readonly #kubelet: Kubelet;
  readonly #wayIn = new WayIn();
  readonly #stopped = new AbortController();
  #work: Promise<void>[] = [];

  constructor(args: KubeletArgs) {
    this.#args = args;
    this.#kubelet = new Kubelet(args);
  }

  /** Begins; when it answers, no pod is called ready any more whose processes ran before the cluster was stopped. */
  async start(): Promise<void> {
    const { api } = this.#args;
    const { signal } = this.#stopped;
    await this.#kubelet.resetReadiness();
    this.#work = [runLoadBalancers(api, signal), this.#kubelet.run(signal), this.#wayIn.run(api, signal)];
  }

  /** Where the next connection from the host's port goes; undefined while there is nowhere. */
  readonly nextWayIn = (): Target | undefined => this.#wayIn.next();

  /** Waits, bounded, until istiod is there again. */
  settled(report: Report): Promise<void> {
    return this.#kubelet.settled(report);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#work);
    await this.#kubelet.stop();
  }
}
