import net from "node:net";
import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Container, Handler, Probe } from "./pod";

/** Where and how a container is probed. */
export interface Target {
  container: Container;
  address: string;
  /** Runs a command in the container. @returns its exit code */
  exec: (command: string[], signal: AbortSignal) => Promise<number | undefined>;
}

/**
 * Probes again and again, as a kubelet does, until the signal comes: first after the delay, then once per period.
 * @param told of each result that counts: as many of its kind in a row as the probe asks for. It says whether to go on
 */
export async function keepProbing(
  probe: Probe,
  target: Target,
  signal: AbortSignal,
  told: (good: boolean) => boolean,
): Promise<void> {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  let last: boolean | undefined;
  let inARow = 0;
  await sleep(initialDelaySeconds, signal);
  while (!signal.aborted) {
    const good = await attempt(probe, target, signal);
    if (signal.aborted) return;
    inARow = good === last ? inARow + 1 : 1;
    last = good;
    if (inARow >= (good ? successThreshold : failureThreshold)) {
      if (!told(good)) return;
    }
    await sleep(periodSeconds, signal);
  }
}

export async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  await pause(seconds * 1000, undefined, { signal }).catch(() => undefined);
}

async function attempt(probe: Probe, target: Target, signal: AbortSignal): Promise<boolean> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), (probe.timeoutSeconds ?? 1) * 1000);
  const good = await perform(probe, target, AbortSignal.any([signal, limit.signal]));
  clearTimeout(timer);
  return good;
}

/** Does what a probe or a hook says. @returns whether it was done, and well: what cannot be done at all was not */
export function perform(handler: Handler, target: Target, signal: AbortSignal): Promise<boolean> {
  return act(handler, target, signal).catch(() => false);
}

async function act(
  { exec, httpGet, tcpSocket, sleep: slept }: Handler,
  target: Target,
  signal: AbortSignal,
): Promise<boolean> {
  if (slept) await sleep(slept.seconds, signal);
  if (exec) return (await target.exec(exec.command, signal)) === 0;
  if (httpGet) return get(portOf(httpGet.port, target), httpGet.path ?? "/", target.address, signal);
  if (tcpSocket) return connects(portOf(tcpSocket.port, target), target.address, signal);
  return true;
}

function portOf(port: number | string, { container }: Target): number {
  if (typeof port === "number") return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? 0;
}

function get(port: number, path: string, host: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { "user-agent": "kube-probe/local" };
    const request = http.get({ host, port, path, headers, agent: false }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode < 400);
    });
    request.on("error", () => resolve(false));
    endWith(signal, request);
  });
}

function connects(port: number, host: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false)).on("close", () => resolve(false));
    endWith(signal, socket);
  });
}

/**
 * Ends it when the signal comes, after what has come in by then has been read: when this process was held up its timers come
 * first, before what was answered long ago, and that is no fault of the pod's.
 */
function endWith(signal: AbortSignal, connection: http.ClientRequest | net.Socket): void {
  const end = () => setImmediate(() => connection.destroy());
  signal.addEventListener("abort", end, { once: true });
  connection.on("close", () => signal.removeEventListener("abort", end));
}
