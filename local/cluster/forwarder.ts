import net from "node:net";
import { apiServer } from "./addresses";

/** Carries connections from the host's port to the API server. */
export interface Forwarder {
  /** Takes no more connections and ends those that are open. */
  close(): void;
}

/**
 * Serves a socket that listens on the host. It was opened there and handed over, and a socket stays in the network namespace
 * in which it was made: so this process, in its own, is the whole way from one to the other.
 */
export function forward(listener: net.Server): Forwarder {
  const open = new Set<net.Socket>();
  listener.on("connection", (outside: net.Socket) => {
    const inside = net.connect(apiServer);
    for (const [here, there] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      open.add(here);
      here.setNoDelay(true);
      here.pipe(there);
      here.on("error", () => there.destroy());
      here.on("close", () => {
        open.delete(here);
        there.destroy();
      });
    }
  });
  return {
    close() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}
