import { BrokenProgram } from "./broken-program";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { EngineCommand, EngineFailed } from "./engine-command";
import { connectDirectly } from "./engine-connections";
import { type Change, EventLog, type Progress, withoutSecrets } from "./engine-events";
import { InterruptedError, LockedError, MissingError, OperationError, UpdateError } from "./errors";
import { clearLocks } from "./clear-locks";
import { describeFailures, indent, withHint } from "./engine-reasons";
import { ftgo } from "./ftgo";
import { describeLock, parseLocks } from "./lock";
import type { Program } from "./program";

export interface EngineOptions {
  readonly stack: string;
  /** Folder of Pulumi.yaml. */
  readonly projectDir: string;
  /** The whole environment of the engine's process; nothing else reaches it. */
  readonly env: NodeJS.ProcessEnv;
  /** Gives the program. Loading it takes most of a second, so it is called while the engine starts, and again for the program. */
  readonly program: () => Program;
  /** How the secrets of a stack that does not exist yet are encrypted, where its file says so. */
  readonly secretsProvider?: string;
  readonly onProgress?: (progress: Progress) => void;
  /** Stops the engine in order: it ends what is in flight and keeps its state. */
  readonly signal?: AbortSignal;
}

/** A part of a stack. What the program leaves out with `services` stays as it is, because it is no target. */
export interface Part {
  /** Keys of services. */
  readonly services: readonly string[];
  /** Globs of the URNs that are looked at. */
  readonly target: readonly string[];
}

export interface RunOptions {
  /** The part of the stack that is looked at. Default: all of it. */
  readonly part?: Part;
  /** Compare with what is really there first, so that what was changed by hand is put right. */
  readonly refresh?: boolean;
  /** Kept in the stack's history. */
  readonly message?: string;
}

export interface RunResult {
  /** Resources that were changed, or in a preview would be, in the order of the engine. */
  readonly changes: readonly Change[];
  /** Resources that were found changed by hand (`update`) or gone (`delete`). */
  readonly drifted: readonly Change[];
  /** Outputs of the program, without the secret ones. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Time from call to result, in milliseconds. */
  readonly durationMs: number;
}

/** One update as the stack's history has it, the newest first. */
export interface HistoryEntry {
  readonly kind: string;
  readonly result: string;
  readonly message: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, { value?: string; secret: boolean }>>;
}

/** What the engine remembers of a stack; only what is read here is typed. */
export interface State {
  readonly resources?: readonly Resource[];
  /** What updates that were killed had begun. That of a creation stays for ever, also when a later update has made it. */
  readonly pending_operations?: readonly { readonly type: string; readonly resource: Resource }[];
}

/** A resource in the state. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  /** Of an object of the cluster: its namespace, if it has one, and its name, with a slash between. */
  readonly id?: string;
  /** Whether the engine refuses to delete it. */
  readonly protect?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What is seen of an operation while it runs. */
interface Watch {
  readonly log: EventLog;
  /** Comes when the program cannot end by itself any more. */
  readonly broken: AbortSignal;
}

type Operation = "up" | "preview" | "destroy";

/** The real Pulumi engine on one stack, with the program in this process: no language host is needed. */
export class Engine {
  /** Whether the update before was killed, so that the state may not have all that it has made. */
  followsKilled = false;

  private constructor(
    private readonly options: EngineOptions,
    private readonly command: EngineCommand,
  ) {}

  /** @throws MissingError when there is no `pulumi` on the PATH of the given environment */
  static async open(options: EngineOptions): Promise<Engine> {
    const probe = new EngineCommand("", options.projectDir, options.env);
    // Loading the SDK blocks this process for most of a second: the CLI starts meanwhile.
    const version = probe.execute(["version"]).catch(noPulumi);
    await Promise.all([version, import("@pulumi/pulumi/automation/index.js"), connectDirectly()]);
    const load = () => {
      try {
        options.program();
      } catch {
        // Whoever runs the program gets the same error, and is heard.
      }
    };
    return new Engine(options, new EngineCommand((await version).trim(), options.projectDir, options.env, load));
  }

  up(run: RunOptions = {}): Promise<RunResult> {
    return this.run("up", run);
  }

  preview(run: RunOptions = {}): Promise<RunResult> {
    return this.run("preview", run);
  }

  destroy(run: RunOptions = {}): Promise<RunResult> {
    return this.run("destroy", run);
  }

  /** The outputs of the last update without the secret ones; empty before the first. */
  async outputs(): Promise<Record<string, unknown>> {
    const text = await this.execute(["stack", "output", "--json"], "{}");
    return withoutSecrets(JSON.parse(text) as Record<string, unknown>);
  }

  /** One output that is secret. Keep it out of logs and command lines. */
  async secretOutput(name: string): Promise<string | undefined> {
    const text = await this.execute(["stack", "output", "--json", "--show-secrets"], "{}");
    return (JSON.parse(text) as Record<string, string>)[name];
  }

  /** The newest updates of the stack, at most `count`. */
  async history(count: number): Promise<HistoryEntry[]> {
    const page = ["--page-size", String(count), "--page", "1"];
    return JSON.parse(await this.execute(["stack", "history", "--json", ...page], "[]")) as HistoryEntry[];
  }

  /** The stack's state, empty when there is no such stack. Secrets in it are encrypted. */
  async state(): Promise<State> {
    const text = await this.execute(["stack", "export"], '{"deployment":{}}');
    return (JSON.parse(text) as { deployment: State }).deployment;
  }

  /** Makes the state forget what killed updates had begun. Nothing is looked at but the provider, of which nothing can change. */
  async forgetPending({ resources = [] }: State): Promise<void> {
    const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
    if (provider === undefined) return;
    const options = ["--clear-pending-creates", "--yes", "--skip-preview", "--target", provider.urn];
    await this.execute(["refresh", ...options]);
  }

  /** @returns what a command about the stack prints. @param none when there is no such stack. @default that is an error */
  private async execute(args: readonly string[], none?: string): Promise<string> {
    try {
      return await this.command.execute([...args, "--stack", this.options.stack]);
    } catch (error) {
      if (none !== undefined && isNoStack(error)) return none;
      throw this.explain(error);
    }
  }

  private async run(operation: Operation, run: RunOptions): Promise<RunResult> {
    const start = performance.now();
    const log = new EventLog((progress) => this.options.onProgress?.(progress));
    const broken = new BrokenProgram(() => log.failures.length > 0 || this.options.signal?.aborted === true);
    try {
      await this.attempt(operation, run, { log, broken: broken.signal });
    } catch (error) {
      if (broken.reason === undefined) throw this.explain(error, log, operation);
      throw this.failure(operation, broken.reason, log.begun);
    } finally {
      broken.close();
    }
    const { changes, drifted, outputs } = log;
    return { changes, drifted, outputs, durationMs: Math.round(performance.now() - start) };
  }

  /** Runs the engine; a stack that is not there yet and a lock that nobody holds any more are put right once. */
  private async attempt(operation: Operation, run: RunOptions, watch: Watch): Promise<void> {
    try {
      await this.call(operation, run, watch);
    } catch (error) {
      if (this.options.signal?.aborted) throw error;
      if (isNoStack(error) && operation !== "destroy") await this.createStack();
      else if (isNoStack(error)) return;
      else if (!(error instanceof EngineFailed && (await this.clearLocks(error)))) throw error;
      await this.call(operation, run, watch);
    }
  }

  private async call(operation: Operation, { part, ...run }: RunOptions, { log, broken }: Watch): Promise<void> {
    const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation/index.js");
    const { projectDir } = this.options;
    const signal = AbortSignal.any([broken, this.options.signal ?? broken]);
    const workspace = await LocalWorkspace.create({
      workDir: projectDir,
      program: () => Promise.resolve(this.options.program()(part?.services, this.options.env)),
      // The declared type has private parts that are not used.
      pulumiCommand: this.command as unknown as PulumiCommand,
    });
    const stack = await Stack.select(this.options.stack, workspace);
    const options = { ...run, target: part && [...part.target], onEvent: log.add, signal };
    switch (operation) {
      case "up":
        return void (await stack.up({ ...options, suppressProgress: true }));
      case "preview":
        return void (await stack.preview({ ...options, suppressProgress: true }));
      case "destroy":
        return void (await stack.destroy({ ...options, suppressProgress: true }));
    }
  }

  private async createStack(): Promise<void> {
    const { stack, secretsProvider } = this.options;
    const secrets = secretsProvider === undefined ? [] : ["--secrets-provider", secretsProvider];
    await this.command.execute(["stack", "init", stack, "--no-select", ...secrets], this.options.signal);
  }

  private async clearLocks({ stderr }: EngineFailed): Promise<boolean> {
    const { stack, signal, onProgress } = this.options;
    const notice = (text: string) => onProgress?.({ kind: "notice", text });
    return (this.followsKilled = await clearLocks(stderr, { stack, signal, notice }));
  }

  /** The error as a person should read it. */
  private explain(error: unknown, log?: EventLog, operation?: Operation): unknown {
    const { stack, signal } = this.options;
    if (signal?.aborted) {
      if (log?.begun !== true || operation === "preview") return new InterruptedError("stopped; nothing was changed");
      const next = ftgo(operation === "destroy" ? "destroy" : "up", stack);
      return new InterruptedError(`stopped; what was finished is kept, and the next ${next} goes on from there`, true);
    }
    if (log !== undefined && log.failures.length > 0) return new UpdateError(describeFailures(log), log.failures);
    if (!(error instanceof EngineFailed)) {
      return log?.begun === true ? this.failure(operation ?? "", String(error), true) : error;
    }
    const [holder] = parseLocks(error.stderr);
    if (holder !== undefined) return new LockedError(describeLock(stack, holder));
    if (error.stderr.includes("[409] Conflict")) return new LockedError(describeLock(stack, undefined));
    const own = log?.otherErrors ?? [];
    const reason =
      own.length > 0 ? own.join("\n") : (error.stderr.trim() || error.stdout.trim()).replace(/^error: /, "");
    return this.failure(operation ?? error.args[0] ?? "", withHint(reason), log?.begun);
  }

  private failure(command: string, reason: string, begun = false): OperationError {
    return new OperationError(`pulumi ${command} of stack ${this.options.stack} failed\n${indent(reason)}`, begun);
  }
}

function isNoStack(error: unknown): boolean {
  return error instanceof EngineFailed && /no stack named .* found/.test(error.stderr);
}

function noPulumi(error: unknown): never {
  if (error instanceof EngineFailed && error.stderr.includes("ENOENT")) {
    throw new MissingError("there is no `pulumi` on PATH; install it: https://www.pulumi.com/docs/install");
  }
  throw error;
}
