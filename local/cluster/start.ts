import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { LocalError } from "../errors";
import { linkCharts } from "../environment";
import { makePrivateFolder, readIfThere, searchPath, writeWhole } from "../files";
import { withLock } from "../lock";
import type { ProjectPaths } from "../paths";
import { projectPaths } from "../paths";
import { identify } from "../processes";
import type { Report } from "../report";
import { seconds } from "../report";
import { lastLines } from "../run";
import { stackTools } from "../stack";
import type { ToolName } from "../tools";
import { bootstrapTemplate, ensureTools, tools } from "../tools";
import { poll } from "../wait";
import { apiServer } from "./addresses";
import { logFile } from "./command-lines";
import { makeCredentials, requireValid } from "./credentials";
import { kubeconfig } from "./kubeconfig";
import { internalKubeconfig } from "./layout";
import { findNamespaceWay, namespaceOptions } from "./namespace";
import type { ClusterState } from "./state";
import { liveState, readState, writeState } from "./state";
import type { ClusterStatus } from "./status";
import { status } from "./status";
import { stopCluster } from "./stop";
import type { Message, Order } from "./supervisor";

/** All that `start` obtains: those of the stack too, so that one table says what took how long. */
export const startTools: ToolName[] = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "pilot-discovery",
  ...stackTools,
];
/** What it obtains beside them where applications run. */
export const trafficTools: ToolName[] = [
  "kube-proxy",
  "coredns",
  "pilot-agent",
  "envoy",
  "iptables",
  "prometheus",
  "otel-collector",
  "vegeta",
];
const kubernetes = tools["kube-apiserver"].version;
const startLimit = 180_000;

export interface StartOptions {
  /** Whether FTGO's applications run, with real sidecars, and answer; else their pods are only shown. @default true */
  traffic?: boolean;
}

/**
 * Brings the cluster up, with everything that it held when it was last stopped; does nothing when it runs.
 * @throws LocalError that names the process which did not start, with the end of its log
 */
export async function start(
  projectDir: string,
  report: Report,
  { traffic = true }: StartOptions = {},
): Promise<ClusterStatus> {
  const paths = projectPaths(projectDir);
  const executables: Record<string, string> = await ensureTools(startTools, report);
  linkCharts(projectDir);
  makePrivateFolder(paths.cluster);
  const onWait = () => report("Another command is starting or stopping the cluster: waiting for it.");
  return withLock(paths.lock, "starting the cluster", onWait, async () => {
    if (await runsWell(projectDir)) {
      if (traffic && readState(paths)?.traffic === false) report(onlyShown);
      return status(projectDir);
    }
    const forTraffic = traffic ? await toolsForTraffic(report) : undefined;
    await stopCluster(paths, report); // part of it may be left
    const begin = Date.now();
    report(`Starting the local cluster: etcd, Kubernetes ${kubernetes} and KWOK nodes in three zones …`);
    const tools = { ...executables, ...forTraffic };
    await launch(paths, { projectDir, tools, traffic: forTraffic !== undefined }, report);
    const now = await status(projectDir);
    report(`The cluster is up after ${seconds(Date.now() - begin)}: ${now.apiServer ?? ""}`);
    return now;
  });
}

const onlyShown =
  "FTGO's pods are only shown: the cluster was started without traffic. `ftgo local stop`, then `start`, changes that.";

/** @returns undefined, and says why, where applications cannot run: all the rest works without them */
async function toolsForTraffic(report: Report): Promise<Record<string, string> | undefined> {
  const way = await findNamespaceWay();
  const why = way && !way.severalUsers ? "sidecars need several users in a namespace: see `ftgo doctor`" : undefined;
  try {
    if (why === undefined)
      return { ...(await ensureTools(trafficTools, report)), "envoy-bootstrap": bootstrapTemplate() };
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    report(error.message);
  }
  report(`Applications do not run here, their pods are only shown${why === undefined ? "" : `: ${why}`}.`);
  return undefined;
}

async function runsWell(projectDir: string): Promise<boolean> {
  // A start whose command was killed goes on by itself.
  await poll(() => liveState(projectPaths(projectDir))?.phase !== "starting", startLimit);
  // Not what the supervisor wrote down last: one that was just killed lives on until the kernel has ended all the others.
  return (await status(projectDir)).running;
}

async function launch(paths: ProjectPaths, order: Omit<Order, "ports">, report: Report): Promise<void> {
  const credentials = await makeCredentials(paths.credentials);
  requireValid(credentials);
  const options = await namespaceOptions();
  const before = readState(paths)?.ports;
  const [api, wayIn] = [await listen(before?.api ?? 0), await listen(before?.wayIn ?? 0)];
  try {
    const ports = { api: portOf(api), wayIn: portOf(wayIn) };
    const admin = { ...credentials, certificate: credentials.adminCertificate, key: credentials.adminKey };
    const inside = `https://${apiServer.host}:${apiServer.port}`;
    writeWhole(internalKubeconfig(paths), kubeconfig({ ...admin, server: inside }));
    writeWhole(paths.kubeconfig, kubeconfig({ ...admin, server: `https://127.0.0.1:${ports.api}` }));
    if (order.traffic) writeWhole(paths.gatewayUrl, `http://127.0.0.1:${ports.wayIn}\n`);
    else rmSync(paths.gatewayUrl, { force: true });
    const supervisor = spawnSupervisor(paths, options);
    recordStart(paths, supervisor, { ports, traffic: order.traffic });
    supervisor.send("way in", wayIn);
    supervisor.send({ ...order, ports }, api);
    await settled(supervisor, paths, report);
    supervisor.disconnect();
    supervisor.unref();
  } finally {
    for (const listener of [api, wayIn]) listener.close(); // the supervisor has its own hold on the sockets
  }
}

function portOf(listener: net.Server): number {
  return (listener.address() as net.AddressInfo).port;
}

/** Listens on the port that was used before, so that kubeconfigs in open shells stay right; on another if it is taken. */
async function listen(port: number): Promise<net.Server> {
  // Until the supervisor has it, a client that comes is sent away to try again.
  const server = net.createServer((socket) => socket.destroy());
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (port === 0) throw error;
    return listen(0);
  }
}

function spawnSupervisor(paths: ProjectPaths, options: string[]): ChildProcess {
  makePrivateFolder(paths.logs);
  const log = openSync(logFile(paths, "supervisor"), "w", 0o600);
  const program = [
    process.execPath,
    "--require",
    join(__dirname, "..", "..", "loader.js"),
    join(__dirname, "supervisor.ts"),
  ];
  const supervisor = spawn("unshare", [...options, ...program], {
    cwd: join(__dirname, "..", ".."),
    detached: true, // it outlives this command, and Ctrl-C is not for it
    stdio: ["ignore", log, log, "ipc"],
    env: { PATH: searchPath(), HOME: paths.cluster },
  });
  closeSync(log);
  return supervisor;
}

/** From its first moment on others see the supervisor, should this process be killed before that one has told of itself. */
function recordStart(paths: ProjectPaths, { pid }: ChildProcess, what: Pick<ClusterState, "ports" | "traffic">): void {
  const supervisor = pid === undefined ? undefined : identify(pid);
  if (supervisor) writeState(paths, { supervisor, phase: "starting", ...what, processes: [] });
}

/** Waits until the supervisor says that all is up. */
function settled(supervisor: ChildProcess, paths: ProjectPaths, report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    supervisor.on("message", (message: Message) => {
      if (message.type === "report") report(message.text);
      else if (message.type === "running") resolve();
      else reject(new LocalError(`The local cluster did not start: ${message.text}`));
    });
    supervisor.on("error", (error) => reject(new LocalError(`unshare cannot be started: ${error.message}`)));
    supervisor.on("exit", () => {
      const log = lastLines(readIfThere(logFile(paths, "supervisor")) ?? "", 20);
      reject(new LocalError(`The supervisor of the local cluster ended while starting. The end of its log:\n${log}`));
    });
  });
}
