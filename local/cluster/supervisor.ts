import type net from "node:net";
import { readlinkSync } from "node:fs";
import { messageOf } from "../errors";
import { projectPaths } from "../paths";
import type { Report } from "../report";
import { ControlPlane } from "./control-plane";

/*
 * The first process of the cluster's own namespaces. When it ends, however that is, the kernel ends all others with it.
 * It is started by start.ts, which sends it the order and the listening socket of the host.
 */

/** What the host tells the supervisor to do. */
export interface Order {
  projectDir: string;
  port: number;
  /** Paths of the executables by name. */
  tools: Record<string, string>;
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

process.once("message", (order: Order, listener: net.Server) => {
  process.off("disconnect", withoutOrder);
  void obey(order, listener).catch((error: unknown) => {
    tell({ type: "failed", text: messageOf(error) });
    console.error(error);
    process.exit(1);
  });
});

async function obey(order: Order, listener: net.Server): Promise<void> {
  const report: Report = (text) => tell({ type: "report", text });
  const controlPlane = new ControlPlane(projectPaths(order.projectDir), order, hostPid);
  stop = () => controlPlane.stop();
  const failure = await controlPlane.start(listener, report);
  if (failure === undefined) return tell({ type: "running" });
  tell({ type: "failed", text: failure });
  process.exit(1);
}

/** Whoever started the cluster may have gone: then nobody is told. */
function tell(message: Message): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
