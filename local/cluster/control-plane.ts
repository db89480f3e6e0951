import { mkdirSync } from "node:fs";
import type net from "node:net";
import { relative } from "node:path";
import { messageOf } from "../errors";
import { readIfThere, writeWhole } from "../files";
import { pathOf } from "../kubelet/programs";
import type { ProjectPaths } from "../paths";
import { identify } from "../processes";
import type { Report } from "../report";
import { lastLines } from "../run";
import { apiServer } from "./addresses";
import { Agent } from "./agent";
import { ApiClient } from "./api-client";
import { basicsReady, makeBasics } from "./bootstrap";
import type { ControlPlaneProcess } from "./command-lines";
import {
  coredns,
  corednsConfig,
  etcd,
  kubeApiServer,
  kubeControllerManager,
  kubeProxy,
  kubeScheduler,
  kwok,
  logFile,
} from "./command-lines";
import type { Credentials } from "./credentials";
import { credentialsIn } from "./credentials";
import type { Forwarder } from "./forwarder";
import { forward } from "./forwarder";
import { kwokConfig } from "./kwok-config";
import { corefile, kwokConfigFile } from "./layout";
import { ManagedProcess, ProcessFailure } from "./managed-process";
import { setUpNetwork } from "./network";
import type { ClusterState } from "./state";
import { writeState } from "./state";
import type { Order } from "./supervisor";

const healthLimit = 60_000;
const graceMilliseconds = 10_000;
/** Of the API server, whose clients have gone by then. Right after its start it waits for itself; all that it knows is in etcd. */
const apiServerGraceMilliseconds = 2_000;
const logTail = 20;

/** Sockets that listen on the host. */
export interface Listeners {
  api: net.Server;
  wayIn: net.Server | undefined;
}

/** Starts, watches and stops the processes of the cluster, from inside its namespaces. */
export class ControlPlane {
  readonly #paths: ProjectPaths;
  readonly #order: Order;
  readonly #hostPid: number;
  readonly #credentials: Credentials;
  readonly #processes: ManagedProcess[] = [];
  #agent: Agent | undefined;
  #forwarders: Forwarder[] = [];
  #phase: ClusterState["phase"] = "starting";
  #stopped: Promise<void> | undefined;
  #failure: string | undefined;

  /** @param hostPid this process's number on the host */
  constructor(paths: ProjectPaths, order: Order, hostPid: number) {
    this.#paths = paths;
    this.#order = order;
    this.#hostPid = hostPid;
    this.#credentials = credentialsIn(paths.credentials);
  }

  /** Brings everything up. @returns why it could not; by then all is stopped again */
  async start(listeners: Listeners, report: Report): Promise<string | undefined> {
    try {
      this.#record();
      await setUpNetwork();
      const toApi = forward(listeners.api, () => apiServer);
      this.#forwarders.push(toApi);
      await this.#launch(etcd(this.#paths));
      const server = await this.#launch(kubeApiServer(this.#credentials));
      // Then the host's port refuses, as it does where no server is. Taken and dropped, a connection is tried again for long.
      void server.ended.then(() => toApi.close());
      const api = new ApiClient(this.#credentials);
      await makeBasics(api);
      const { tools, traffic } = this.#order;
      this.#agent = new Agent({ api, paths: this.#paths, tools, traffic, supervisor: this.#hostPid });
      await this.#agent.start();
      const tell = (text: string) => console.error(`${new Date().toISOString()} no answer to what came in by ${text}`);
      if (listeners.wayIn) this.#forwarders.push(forward(listeners.wayIn, this.#agent.nextWayIn, tell));
      writeWhole(kwokConfigFile(this.#paths), kwokConfig(traffic));
      writeWhole(corefile(this.#paths), corednsConfig(this.#paths));
      const others = [
        kubeControllerManager(this.#paths, this.#credentials),
        kubeScheduler(this.#paths),
        kwok(this.#paths),
        ...(traffic ? [kubeProxy(this.#paths), coredns(this.#paths)] : []),
      ];
      await Promise.all(others.map((process) => this.#launch(process)));
      if (!(await basicsReady(api, healthLimit))) throw new Error("the nodes did not become ready");
      await this.#agent.settled(report);
      this.#phase = "running";
      this.#record();
      return undefined;
    } catch (error) {
      this.#failure = this.#explain(error);
      await this.stop("failed");
      return this.#failure;
    }
  }

  /** Stops everything in order: those who use a thing before the thing. Who asks again waits for the same end. */
  stop(last: "stopped" | "failed" = "stopped"): Promise<void> {
    return (this.#stopped ??= this.#stop(last));
  }

  async #stop(last: "stopped" | "failed"): Promise<void> {
    this.#phase = "stopping";
    this.#record();
    for (const forwarder of this.#forwarders) forwarder.close();
    await this.#agent?.stop();
    const named = (...names: string[]) => this.#processes.filter((process) => names.includes(process.name));
    const stop = (list: ManagedProcess[], grace = graceMilliseconds) =>
      Promise.all(list.map((process) => process.stop(grace)));
    await stop(named("kwok", "kube-scheduler", "kube-controller-manager", "kube-proxy", "coredns"));
    await stop(named("kube-apiserver"), apiServerGraceMilliseconds);
    await stop(named("etcd"));
    this.#phase = last;
    this.#record();
  }

  async #launch(definition: ControlPlaneProcess): Promise<ManagedProcess> {
    const command = this.#order.tools[definition.name];
    if (command === undefined) throw new Error(`no executable for ${definition.name}`);
    const process = new ManagedProcess(
      {
        ...this.#commandLine(definition, command),
        name: definition.name,
        health: definition.health,
        cwd: this.#paths.cluster,
        // Memory for time: the API server alone spends a sixth less of it so.
        env: { PATH: pathOf(this.#order.tools), HOME: this.#paths.cluster, GOGC: "200" },
        log: logFile(this.#paths, definition.name),
      },
      () => this.#record(),
    );
    this.#processes.push(process);
    process.start(this.#hostPid);
    await process.healthy(healthLimit);
    return process;
  }

  #commandLine({ name, args }: ControlPlaneProcess, command: string): { command: string; args: string[] } {
    if (name !== "kube-controller-manager") return { command, args };
    // Its hostpath provisioner writes to /tmp, always. It gets a /tmp of its own for it, under which files elsewhere in /tmp
    // disappear: hence the open file for the program, and paths from the working folder, which stays.
    const { cluster, volumes } = this.#paths;
    mkdirSync(volumes, { recursive: true });
    const script = 'exec 9<"$2" && mount --bind "$1" /tmp && shift 2 && exec /proc/self/fd/9 "$@"';
    const fromHere = args.map((arg) => arg.replace(`=${cluster}/`, "=./"));
    return {
      command: "unshare",
      args: ["--mount", "sh", "-c", script, name, relative(cluster, volumes), command, ...fromHere],
    };
  }

  #explain(error: unknown): string {
    if (!(error instanceof ProcessFailure)) return messageOf(error);
    const log = logFile(this.#paths, error.process);
    return `${error.message}. The end of its log, ${log}:\n${lastLines(readIfThere(log) ?? "", logTail)}`;
  }

  #record(): void {
    const supervisor = identify(this.#hostPid);
    if (!supervisor) return;
    writeState(this.#paths, {
      supervisor,
      phase: this.#phase,
      ports: this.#order.ports,
      traffic: this.#order.traffic,
      failure: this.#failure,
      processes: this.#processes.map((process) => process.state),
    });
  }
}
