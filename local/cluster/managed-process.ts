import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import type { ProcessId } from "../processes";
import { hostPidOfChild, identify } from "../processes";
import { poll } from "../wait";
import { statusOf } from "./http";
import type { ProcessState } from "./state";

export interface ManagedProcessArgs {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Gets everything that the process writes; the one of its last run is kept beside it as `<log>.1`. */
  log: string;
  /** Answers 200 when the process does its work. */
  health: string;
}

/** A process that crashed, or was asked to start and did not get healthy. */
export class ProcessFailure extends Error {
  constructor(
    readonly process: string,
    what: string,
  ) {
    super(`${process} ${what}`);
  }
}

/** One process under the supervisor. It is started once and never again: who wants it back starts the cluster again. */
export class ManagedProcess {
  readonly name: string;
  readonly #args: ManagedProcessArgs;
  readonly #changed: () => void;
  #child: ChildProcess | undefined;
  #id: ProcessId | undefined;
  #since = new Date();
  #end: string | undefined;
  #stopping = false;
  #resolveEnded: () => void = () => undefined;
  /** Resolves when it has ended, however that was. */
  readonly ended = new Promise<void>((resolve) => (this.#resolveEnded = resolve));

  /** @param changed called when it starts and when it ends */
  constructor(args: ManagedProcessArgs, changed: () => void) {
    this.name = args.name;
    this.#args = args;
    this.#changed = changed;
  }

  /** @param supervisor this process's number on the host, to find the child's */
  start(supervisor: number): void {
    const { command, args, cwd, env, log } = this.#args;
    mkdirSync(dirname(log), { recursive: true });
    if (existsSync(log)) renameSync(log, `${log}.1`);
    const output = openSync(log, "a", 0o600);
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", output, output] });
    closeSync(output);
    child.on("error", (error) => this.#ended(error.message));
    child.on("exit", (code, signal) => this.#ended(signal ? `killed by ${signal}` : `exit code ${code}`));
    this.#child = child;
    const pid = child.pid === undefined ? undefined : hostPidOfChild(supervisor, child.pid);
    this.#id = pid === undefined ? undefined : identify(pid);
    this.#changed();
  }

  get crashed(): boolean {
    return this.#end !== undefined && !this.#stopping;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#end === undefined;
  }

  get state(): ProcessState {
    const { name } = this;
    const since = this.#since.toISOString();
    if (this.running) return { name, state: "running", id: this.#id, since };
    return { name, state: this.crashed ? "crashed" : "stopped", id: this.#id, since, end: this.#end };
  }

  /** Waits until it answers. @param limit milliseconds; then, or when it ends, a ProcessFailure. @default - no limit */
  async healthy(limit = Infinity): Promise<void> {
    const answered = await poll(async () => !this.running || (await statusOf(this.#args.health)) === 200, limit, 30);
    if (!this.running) throw new ProcessFailure(this.name, `ended while starting (${this.#end ?? "not started"})`);
    if (!answered)
      throw new ProcessFailure(this.name, `did not answer within ${limit / 1000} s at ${this.#args.health}`);
  }

  /** Asks it to end, and ends it when it has not after `grace` milliseconds. */
  async stop(grace: number): Promise<void> {
    if (!this.#child || !this.running) return; // one that crashed stays crashed
    this.#stopping = true;
    const gone = once(this.#child, "exit");
    const kill = setTimeout(() => this.#child?.kill("SIGKILL"), grace);
    this.#child.kill("SIGTERM");
    await gone;
    clearTimeout(kill);
  }

  #ended(how: string): void {
    if (this.#end !== undefined) return;
    this.#end = how;
    this.#since = new Date();
    this.#changed();
    this.#resolveEnded();
  }
}
