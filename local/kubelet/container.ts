import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../errors";
import { ContainerLog } from "./container-log";
import { DataSources, environmentOf, expanded, Missing } from "./environment";
import type { Container, ContainerState, ContainerStatus } from "./pod";
import { isSidecar } from "./pod";
import { keepProbing, perform, sleep, type Target } from "./probe";
import { pathOf, type ProgramArgs, programOf } from "./programs";
import type { Sandbox } from "./sandbox";

/** How a kubelet waits before it starts a container again: not at all, then longer and longer. Seconds. */
const firstBackOff = 10;
const longestBackOff = 300;
/** Seconds after which a container that ran for so long is forgiven. */
const forgiven = 600;
const retrySeconds = 0.5;
/** The least time that a process has between SIGTERM and SIGKILL. Seconds. */
const leastGrace = 2;

export interface ContainerArgs extends Omit<ProgramArgs, "args" | "env" | "signal"> {
  sandbox: Sandbox;
  traffic: boolean;
  log: string;
  /** How many times it had been started before the cluster was. */
  restarts: number;
  /** Called when its status is another one. */
  changed: () => void;
}

interface Change {
  state?: ContainerState;
  ready?: boolean;
  started?: boolean;
}

/** One container of a pod: its process, which is started again whenever it ends, and its probes. */
export class RunningContainer {
  readonly spec: Container;
  readonly #args: ContainerArgs;
  readonly #sources: DataSources;
  #state: ContainerState = { waiting: { reason: "PodInitializing" } };
  #lastState: ContainerState | undefined;
  #restarts: number;
  #ready = false;
  #started = false;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #env: Record<string, string> = {};
  /** Aborted when it is not to be started again. */
  readonly #ending = new AbortController();

  constructor(args: ContainerArgs) {
    this.spec = args.container;
    this.#args = args;
    this.#restarts = args.restarts;
    this.#sources = new DataSources(args.api, args.pod);
  }

  get status(): ContainerStatus {
    const { name, image } = this.spec;
    return {
      name,
      image,
      imageID: "",
      ready: this.#ready,
      started: this.#started,
      restartCount: this.#restarts,
      state: this.#state,
      ...(this.#lastState && { lastState: this.#lastState }),
    };
  }

  /** Runs it until it has ended well, as an init container does. */
  async runToEnd(): Promise<void> {
    await this.#run(() => this.#state.terminated?.exitCode === 0);
    this.#set({ ready: this.#state.terminated?.exitCode === 0 });
  }

  /** Starts it, and starts it again until `stop`. */
  keepRunning(): void {
    void this.#run(() => false);
  }

  /** Waits until it counts as started: its startup probe has been passed, or its process runs. */
  async started(): Promise<void> {
    while (!this.#started && !this.#ending.signal.aborted) await pause(20);
  }

  /**
   * Ends it as a kubelet does when its pod is deleted: hook, SIGTERM when it is its turn, SIGKILL.
   * @param graceSeconds for hook, turn and process together
   */
  async stop(graceSeconds: number, turn: Promise<unknown> = Promise.resolve()): Promise<void> {
    this.#ending.abort();
    await this.#terminate(graceSeconds, turn);
  }

  /** Ends it at once. */
  kill(): void {
    this.#ending.abort();
    this.#signal("SIGKILL");
  }

  async #run(isDone: () => boolean): Promise<void> {
    let backOff = 0;
    while (!this.#ending.signal.aborted) {
      const begin = Date.now();
      try {
        await this.#runOnce();
      } catch (error) {
        const reason = error instanceof Missing ? "CreateContainerConfigError" : "RunContainerError";
        this.#set({ state: { waiting: { reason, message: messageOf(error) } } });
        await sleep(retrySeconds, this.#ending.signal);
        continue;
      }
      if (isDone() || this.#ending.signal.aborted) return;
      if (Date.now() - begin > forgiven * 1000) backOff = 0;
      if (backOff > 0) {
        this.#lastState = this.#state;
        const message = `back-off ${backOff}s restarting failed container=${this.spec.name}`;
        this.#set({ state: { waiting: { reason: "CrashLoopBackOff", message } } });
        await sleep(backOff, this.#ending.signal);
      }
      backOff = Math.min(longestBackOff, Math.max(firstBackOff, 2 * backOff));
      this.#restarts += 1;
    }
  }

  /** Comes when it is not to be started again. */
  async #end(): Promise<void> {
    const { signal } = this.#ending;
    if (!signal.aborted) await once(signal, "abort");
  }

  /** From the start of its process to its end. */
  async #runOnce(): Promise<void> {
    const { image } = this.spec;
    if (/:missing[^/:]*$/.test(image)) {
      const message = `Back-off pulling image "${image}"`;
      this.#set({ state: { waiting: { reason: "ImagePullBackOff", message } } });
      return this.#end();
    }
    const program = programOf(image, this.#args.traffic);
    const startedAt = new Date().toISOString();
    if (!program) {
      // Shown only: there is nothing that could run.
      const isInit = this.#args.pod.spec.initContainers?.includes(this.spec) && !isSidecar(this.spec);
      if (isInit) return this.#set({ state: { terminated: ended(0, undefined, startedAt) } });
      this.#set({ state: { running: { startedAt } }, ready: true, started: true });
      return this.#end();
    }
    const env = await environmentOf(this.spec, this.#args.pod, this.#sources);
    const args = (this.spec.args ?? []).map((arg) => expanded(arg, env));
    const launch = await program({ ...this.#args, args, env, signal: this.#ending.signal });
    this.#env = launch.env;
    const over = new AbortController();
    const log = await ContainerLog.open(this.#args.log, `${this.#args.root}.output`);
    // Nothing is waited for from here to the start of the process: who ends the container ends that.
    if (this.#ending.signal.aborted) return log.handOver(() => undefined);
    const child = log.handOver((output) => this.#inside([launch.command, ...launch.args], ["ignore", output, output]));
    let how: { code: number | null; signal: NodeJS.Signals | null } = { code: 1, signal: null };
    this.#exited = new Promise((resolve) => {
      child.on("error", () => resolve());
      child.on("exit", (code, signal) => {
        how = { code, signal };
        resolve();
      });
    });
    this.#child = child;
    if (this.#state.terminated) this.#lastState = this.#state;
    this.#set({ state: { running: { startedAt } } });
    this.#probe(over.signal);
    await this.#exited;
    over.abort();
    this.#signal("SIGKILL"); // whatever it has started goes with it
    this.#child = undefined;
    const number = how.signal === null ? undefined : constants.signals[how.signal];
    this.#set({
      state: { terminated: ended(how.code ?? 128 + (number ?? 0), number, startedAt) },
      ready: false,
      started: false,
    });
  }

  /** Starts a command in the pod's namespaces, as the container's user, in a process group of its own. */
  #inside(command: string[], stdio: ["ignore", number | "ignore", number | "ignore"]): ChildProcess {
    const { sandbox, pod, root } = this.#args;
    const context = { ...pod.spec.securityContext, ...this.spec.securityContext };
    const { runAsUser = 0, runAsGroup = runAsUser } = context;
    // It may read, like root, what lies in folders of the person's own.
    const rights = "+dac_override,+dac_read_search";
    const identity = ["--reuid", runAsUser, "--regid", runAsGroup, "--clear-groups"].map(String);
    const as = runAsUser === 0 ? [] : ["setpriv", ...identity, "--inh-caps", rights, "--ambient-caps", rights, "--"];
    const [file = "", ...args] = [...sandbox.enter, "sh", "-c", 'cd "$0" && exec "$@"', root, ...as, ...command];
    return spawn(file, args, {
      stdio,
      env: { HOME: root, PATH: pathOf(this.#args.tools), ...this.#env },
      detached: true,
    });
  }

  #probe(signal: AbortSignal): void {
    const { startupProbe, livenessProbe, readinessProbe } = this.spec;
    const target = this.#target();
    const begin = () => {
      this.#set({ started: true, ready: readinessProbe === undefined });
      if (readinessProbe) void keepProbing(readinessProbe, target, signal, (ready) => (this.#set({ ready }), true));
      // A pod that is being deleted is ended anyway.
      const alive = AbortSignal.any([signal, this.#ending.signal]);
      if (livenessProbe) void keepProbing(livenessProbe, target, alive, (good) => good || this.#restart());
    };
    if (!startupProbe) return begin();
    void keepProbing(startupProbe, target, signal, (good) => {
      if (good) begin();
      else this.#restart();
      return false;
    });
  }

  #target(): Target {
    const exec = (command: string[], signal: AbortSignal) =>
      new Promise<number | undefined>((resolve) => {
        const child = this.#inside(command, ["ignore", "ignore", "ignore"]);
        const end = () => child.kill("SIGKILL");
        signal.addEventListener("abort", end, { once: true });
        child.on("error", () => resolve(undefined));
        child.on("exit", (code) => {
          signal.removeEventListener("abort", end);
          resolve(code ?? undefined);
        });
      });
    return { container: this.spec, address: this.#args.pod.status.podIP ?? "", exec };
  }

  /** A probe has failed too often. @returns false: there is nothing more to probe */
  #restart(): boolean {
    void this.#terminate(this.#args.pod.spec.terminationGracePeriodSeconds ?? 30, Promise.resolve());
    return false;
  }

  async #terminate(graceSeconds: number, turn: Promise<unknown>): Promise<void> {
    if (!this.#child) return;
    const deadline = Date.now() + graceSeconds * 1000;
    const left = () => Math.max(0, deadline - Date.now());
    const preStop = this.spec.lifecycle?.preStop;
    if (preStop && graceSeconds > 0) await perform(preStop, this.#target(), AbortSignal.timeout(left()));
    await within(left(), turn);
    this.#signal("SIGTERM");
    await within(Math.max(left(), leastGrace * 1000), this.#exited);
    this.#signal("SIGKILL");
    await this.#exited;
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      // SIGTERM is for the container's first process, which knows what to do with it.
      process.kill(signal === "SIGKILL" ? -pid : pid, signal);
    } catch {
      // it has ended meanwhile
    }
  }

  #set({ state = this.#state, ready = this.#ready, started = this.#started }: Change): void {
    if (state === this.#state && ready === this.#ready && started === this.#started) return;
    this.#state = state;
    this.#ready = ready;
    this.#started = started;
    this.#args.changed();
  }
}

async function within(milliseconds: number, what: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  await Promise.race([what, pause(milliseconds, undefined, { signal: limit.signal }).catch(() => undefined)]);
  limit.abort();
}

function ended(exitCode: number, signal: number | undefined, startedAt: string) {
  const reason = exitCode === 0 ? "Completed" : "Error";
  return { exitCode, ...(signal !== undefined && { signal }), reason, startedAt, finishedAt: new Date().toISOString() };
}
