import type net from "node:net";
import { readlinkSync } from "node:fs";
import { messageOf } from "../errors";
import { projectPaths } from "../paths";
import type { Report } from "../report";
import { ControlPlane } from "./control-plane";
import type { Ports } from "./state";

/*
 * The first process of the cluster's own namespaces. When it ends, however that is, the kernel ends all others with it.
 * It is started by start.ts, which sends it the order and the host's listening sockets.
 */

/** What the host tells the supervisor to do. */
export interface Order {
  projectDir: string;
  ports: Ports;
  /** Paths of the executables by name. */
  tools: Record<string, string>;
  /** Whether FTGO's applications and their sidecars run. */
  traffic: boolean;
}

/** What the supervisor tells the host. */
export type Message = { type: "report"; text: string } | { type: "running" } | { type: "failed"; text: string };

// /proc is the host's, so this link has the number that the host knows this process by.
const hostPid = Number(readlinkSync("/proc/self"));

let stop: () => Promise<void> = () => Promise.resolve();
const end = () => void stop().finally(() => process.exit(0));
process.on("SIGTERM", end);
process.on("SIGINT", end);

// Whoever started it was killed before it said what to do.
const withoutOrder = () => process.exit(1);
process.once("disconnect", withoutOrder);

// One socket goes with each message.
let wayIn: net.Server | undefined;
process.on("message", (message: "way in" | Order, listener: net.Server) => {
  if (message === "way in") return void (wayIn = listener);
  process.off("disconnect", withoutOrder);
  void obey(message, listener).catch((error: unknown) => {
    tell({ type: "failed", text: messageOf(error) });
    console.error(error);
    process.exit(1);
  });
});

async function obey(order: Order, listener: net.Server): Promise<void> {
  const report: Report = (text) => tell({ type: "report", text });
  const controlPlane = new ControlPlane(projectPaths(order.projectDir), order, hostPid);
  stop = () => controlPlane.stop();
  const failure = await controlPlane.start({ api: listener, wayIn }, report);
  if (failure === undefined) return tell({ type: "running" });
  tell({ type: "failed", text: failure });
  process.exit(1);
}

/** Whoever started the cluster may have gone: then nobody is told. */
function tell(message: Message): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
