import { dirname } from "node:path";
import { type Environment, parseStackConfig, type Service } from "../components/config";
import { adoptionEdits } from "./adopt";
import { type ChangeByHand, changesByHand } from "./by-hand";
import { Cluster, ifAnswered } from "./cluster";
import { Engine, type RunOptions, type RunResult } from "./engine";
import { engineEnvironment } from "./engine-environment";
import type { Progress } from "./engine-events";
import { AutomationError, UsageError } from "./errors";
import { lastGoodConfig, routeMessage, serviceConfigs, serviceMessage } from "./history";
import { ftgo } from "./ftgo";
import { keepMesh, keepProtected } from "./kept";
import { type Live, readLive } from "./live";
import { loadProgram } from "./program";
import { findService, type Promotion, promotionEdits, rollbackEdits, routeOf, serviceOf } from "./release";
import { type Audience, toAudience } from "./route";
import { unserved } from "./serving";
import {
  changeStackFile,
  changing,
  type Edit,
  editStackFile,
  readConfig,
  readSettings,
  readStackFile,
  toEnvironment,
} from "./stack-file";
import { comparePods, describeCluster, goneServices, type StackStatus, toServiceStatus } from "./status";
import { takeBack } from "./take-back";
import { readUnreadyPods } from "./unready-pods";
import { update } from "./update";

/** Where a project is and how to work on it. */
export interface ProjectOptions {
  /** Name of the stack: `stacks/Pulumi.<stack>.yaml`. */
  readonly stack: string;
  /** Folder of Pulumi.yaml. @default the checkout that this module is in */
  readonly projectDir?: string;
  /** Variables over those of this process, such as what `ftgo env` prints; undefined takes one away. @default none */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** Told what the engine does while it does it. @default nothing is told */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops a running operation in order; it then rejects with InterruptedError. */
  readonly signal?: AbortSignal;
}

/** Result of an operation on one service. */
export interface ServiceResult extends RunResult {
  readonly service: string;
  /** The keys of the stack file that were edited, such as `services.consumer.canary.weight`. */
  readonly edited: readonly string[];
  /** Who gets what now; undefined for a service with one image. */
  readonly audience?: Audience;
}

/** Result of an operation on a whole stack. */
export interface StackResult extends RunResult {
  /** What another hand has changed in the objects and is still there; empty when the real state was not looked at. */
  readonly byHand: readonly ChangeByHand[];
}

/** Looking at the real state first is the default for whole stacks: what was changed by hand is shown and put right. */
export type UpdateOptions = Pick<RunOptions, "refresh">;

/** One stack of an FTGO project. One operation at a time: a second one would meet the lock of the first. */
export class Project {
  readonly stack: string;
  readonly projectDir: string;
  private engine?: Promise<Engine>;
  private reached?: { readonly environment: Environment; readonly cluster: Cluster };

  constructor(private readonly options: ProjectOptions) {
    this.stack = options.stack;
    this.projectDir = options.projectDir ?? dirname(__dirname);
  }

  /** What the stack file says, checked and with all defaults. @throws ConfigError with every problem at once */
  environment(): Environment {
    return toEnvironment(readStackFile(this.projectDir, this.stack));
  }

  /** Brings everything to what the stack file says. @throws UpdateError */
  async up({ refresh = true }: UpdateOptions = {}): Promise<StackResult> {
    if (!refresh) return { ...(await this.update(await this.openWhole(), { refresh })), byHand: [] };
    const [engine, byHand] = await Promise.all([this.openWhole(), this.knownByHand()]);
    const environment = this.environment();
    const { namespace } = environment;
    const cluster = this.cluster(environment);
    const { signal } = this.options;
    await takeBack(byHand, { cluster, namespace, state: () => engine.state(), tell: this.tell, signal });
    return { ...(await this.update(engine, { refresh })), byHand: await this.knownByHand() };
  }

  /** Says what `up` would change, and changes nothing. */
  async preview({ refresh = true }: UpdateOptions = {}): Promise<StackResult> {
    const result = await (await this.openWhole()).preview({ refresh });
    return { ...result, byHand: refresh ? await this.knownByHand() : [] };
  }

  /** Removes everything that the stack made. @throws UsageError while other namespaces use its mesh, or its cluster is protected */
  async destroy(): Promise<RunResult> {
    return (await this.openWhole({ isEnd: true })).destroy();
  }

  /** What the stack file says and what runs, side by side. @throws MissingError when the cluster does not answer */
  async status(): Promise<StackStatus> {
    const environment = this.environment();
    const engine = await this.open();
    const cluster = this.cluster(environment);
    const [live, unready, byHand, outputs] = await Promise.all([
      readLive(environment.namespace, cluster),
      readUnreadyPods(environment, cluster),
      changesByHand(environment.namespace, cluster),
      engine.outputs(),
    ]);
    return {
      stack: this.stack,
      cluster: describeCluster(environment),
      namespace: environment.namespace,
      gateway: { url: this.gatewayUrl(outputs) },
      services: environment.services.map((service) => toServiceStatus(service, live)),
      gone: goneServices(environment.services, live),
      unready,
      byHand,
    };
  }

  /** The gateway's address for who is on this machine. @param outputs of the stack */
  gatewayUrl(outputs: Readonly<Record<string, unknown>>): string | undefined {
    const ofStack = (outputs["gateway"] as { url?: string } | undefined)?.url;
    const environment = this.environment();
    // Where pods run on this machine, a way in leads to the gateway of the stack that installs the mesh.
    return ofStack && ((environment.mesh.install ? this.cluster(environment).gatewayUrl : undefined) ?? ofStack);
  }

  /**
   * Edits the canary's weight or testers in the stack file, then updates that service alone. An update that
   * fails leaves the edit in the file, which is what is wanted: `up` tries again, `rollback` goes back. One that could not
   * begin takes it back.
   * @param service key under `services`
   * @throws UsageError when the service has no canary, ConfigError when the result could not be used; the file is then as
   * it was
   */
  async promote(service: string, promotion: Promotion): Promise<ServiceResult> {
    const edits = promotionEdits(findService(this.environment(), service), promotion);
    return this.change(service, edits);
  }

  /**
   * Gives every user of a service the stable version: canary weight 0, no testers. Only the route is touched and waited for,
   * so it works and is fast whatever else is broken. A service with one image goes back to its last config that went up
   * well.
   * @throws UsageError when there is no canary, the stable version could not answer, or history has no such config
   */
  async rollback(service: string): Promise<ServiceResult> {
    const found = findService(this.environment(), service);
    if (found.route !== undefined) return this.rollbackRoute(found);
    const good = await this.lastGood(service);
    if (good === undefined) {
      throw new UsageError(
        `the last ${historyDepth} updates of stack ${this.stack} have no other config of service ${service} that went up well; ` +
          `nothing was changed. Set services.${service}.image in stacks/Pulumi.${this.stack}.yaml, then run ${ftgo("up", this.stack)}`,
      );
    }
    return this.change(service, [{ path: ["services", service], value: good }]);
  }

  /**
   * Takes what runs of a service into the stack file, after `kubectl rollout undo` for example. Nothing in the cluster is
   * changed.
   * @returns the keys that were edited; empty when file and cluster agree
   */
  async adopt(service: string): Promise<readonly Edit[]> {
    const environment = this.environment();
    findService(environment, service);
    const config = readConfig(readStackFile(this.projectDir, this.stack));
    const services = config["services"] as Record<string, Record<string, unknown> | null>;
    const engine = await this.open();
    const [{ deployments: live }, history] = await Promise.all([
      readLive(environment.namespace, this.cluster(environment)),
      engine.history(historyDepth),
    ]);
    const read = (changed: Readonly<Record<string, unknown>>) =>
      parseStackConfig({ ...config, services: { ...services, [service]: changed } }, "an earlier config");
    const earlier = serviceConfigs(service, history);
    const edits = adoptionEdits({ service, current: services[service] ?? {}, earlier, read, live });
    this.edit(edits);
    return edits;
  }

  /** Edits the stack file. @throws ConfigError when the result could not be used; the file is then as it was */
  edit(edits: readonly Edit[]): void {
    changeStackFile(this.projectDir, this.stack, edits);
  }

  /** Edits the stack file and updates one service. */
  async change(service: string, edits: readonly Edit[]): Promise<ServiceResult> {
    const environment = this.edited(edits);
    const edited = findService(environment, service);
    const [live] = await Promise.all([this.knownLive(edited, "whether it is as the state says"), this.open()]);
    // What another hand took away, or an update that was stopped has done, the state does not say.
    const refresh = live !== undefined && [...unserved(edited, live), ...comparePods(edited, live)].length > 0;
    return this.apply(edited, edits, {
      part: serviceOf(edited, environment),
      refresh,
      message: serviceMessage(service),
    });
  }

  /** A rollback puts nothing right but the route: it may only lead to what can answer. */
  private async rollbackRoute(service: Service): Promise<ServiceResult> {
    const { key } = service;
    const edits = rollbackEdits(service);
    const edited = findService(this.edited(edits), key);
    const [live] = await Promise.all([this.knownLive(edited, "whether the stable version can answer"), this.open()]);
    const reasons = live === undefined ? [] : unserved(edited, live);
    if (reasons.length === 0) return this.apply(edited, edits, { part: routeOf(edited), message: routeMessage(key) });
    throw new UsageError(
      `a rollback of service ${key} would send its users where nothing answers: ${reasons.join("; ")}. ` +
        `Nothing was changed. Set services.${key}.stable to a version that answers (${ftgo("status", this.stack)} shows them), ` +
        `or mend this one, then run ${ftgo("up", this.stack)}`,
    );
  }

  /** What a service with one image goes back to: its last config that went up well; undefined when history has none. */
  private async lastGood(service: string): Promise<Record<string, unknown> | undefined> {
    const services = readConfig(readStackFile(this.projectDir, this.stack))["services"] as Record<string, unknown>;
    const { secretEnv } = findService(this.environment(), service);
    const history = await (await this.open()).history(historyDepth);
    return lastGoodConfig(service, { current: services[service], secretEnv }, history);
  }

  /** What the stack file will say after these edits. @throws ConfigError when that could not be used */
  private edited(edits: readonly Edit[]): Environment {
    return toEnvironment(editStackFile(readStackFile(this.projectDir, this.stack), edits));
  }

  private async apply(service: Service, edits: readonly Edit[], run: RunOptions): Promise<ServiceResult> {
    const { key, route } = service;
    // Nothing is changed when there is no engine.
    const engine = await this.open();
    const edited = changing(readStackFile(this.projectDir, this.stack), edits).map(({ path }) => path.join("."));
    const undo = changeStackFile(this.projectDir, this.stack, edits);
    const result = await this.settle(engine, service, run).catch((error: unknown) => {
      if (!(error instanceof AutomationError && error.begun)) undo();
      throw error;
    });
    return { ...result, service: key, edited, ...(route && { audience: toAudience(route) }) };
  }

  /**
   * Updates one service. The engine compares the file with its state, of which an update that was killed may have changed
   * more than it could write down: where the engine finds nothing to do, what runs has the last word.
   */
  private async settle(engine: Engine, service: Service, run: RunOptions): Promise<RunResult> {
    const result = await this.update(engine, run);
    if (run.refresh || result.changes.length > 0) return result;
    const live = await this.knownLive(service, "whether it is as the stack file says");
    if (live === undefined || toServiceStatus(service, live).differences.length === 0) return result;
    return this.update(engine, { ...run, refresh: true });
  }

  private update(engine: Engine, run: RunOptions): Promise<RunResult> {
    const environment = this.environment(); // the file may be another one by the end
    const { stack, options } = this;
    const canGoBack = async ({ key, route }: Service) =>
      route === undefined ? (await this.lastGood(key)) !== undefined : route.canary !== undefined;
    const cluster = this.cluster(environment);
    return update({ engine, stack, environment, canGoBack, cluster, onProgress: options.onProgress }, run);
  }

  /** What runs of a service; undefined when the cluster cannot be asked. @param what is not known then, which a person is told */
  private knownLive({ name }: Service, what: string): Promise<Live | undefined> {
    const environment = this.environment();
    return ifAnswered(
      () => readLive(environment.namespace, this.cluster(environment), name),
      (why) => this.tell(`${what} is not known: ${why}`),
    );
  }

  private readonly tell = (text: string): void => this.options.onProgress?.({ kind: "notice", text });

  private async knownByHand(): Promise<ChangeByHand[]> {
    const environment = this.environment();
    return (await ifAnswered(() => changesByHand(environment.namespace, this.cluster(environment)))) ?? [];
  }

  /** The same as long as the stack file is: what it knows is not asked for again. */
  private cluster(environment: Environment): Cluster {
    if (this.reached?.environment !== environment) {
      const cluster = new Cluster({
        projectDir: this.projectDir,
        config: environment.cluster,
        env: this.engineEnvironment(environment),
        secretKubeconfig: async () => (await this.open()).secretOutput("kubeconfig"),
      });
      this.reached = { environment, cluster };
    }
    return this.reached.cluster;
  }

  /** The engine for all that the stack has. @throws UsageError when something would go that others use, or that is protected */
  private async openWhole({ isEnd = false } = {}): Promise<Engine> {
    const engine = await this.open();
    const environment = this.environment();
    if (!isEnd && environment.mesh.install) return engine;
    const state = await engine.state();
    if (isEnd) keepProtected(state, this.stack);
    await keepMesh(state, { stack: this.stack, cluster: this.cluster(environment), tell: this.tell });
    return engine;
  }

  private open(): Promise<Engine> {
    const file = readStackFile(this.projectDir, this.stack);
    const env = this.engineEnvironment(toEnvironment(file));
    const { secretsprovider } = readSettings(file);
    this.engine ??= Engine.open({
      ...this.options,
      projectDir: this.projectDir,
      env,
      program: () => loadProgram(this.projectDir),
      secretsProvider: typeof secretsprovider === "string" ? secretsprovider : undefined,
    }).catch((error: unknown) => {
      this.engine = undefined; // what was missing may be there the next time
      throw error;
    });
    return this.engine;
  }

  private engineEnvironment(environment: Environment): NodeJS.ProcessEnv {
    return engineEnvironment(this.projectDir, environment, this.options.env);
  }
}

/** Updates of a stack that a rollback looks through. */
const historyDepth = 100;
