import net from "node:net";

/** Carries connections from a port of the host into the cluster. */
export interface Forwarder {
  /** Takes no more connections and ends those that are open. */
  close(): void;
}

export interface Target {
  host: string;
  port: number;
}

/**
 * Serves a socket that listens on the host. It was opened there and handed over, and a socket stays in the network namespace
 * in which it was made: so this process, in its own, is the whole way from one to the other.
 * @param choose where a connection goes; undefined to turn it away
 * @param tell told of each that ended from inside without a byte. @default nobody
 */
export function forward(
  listener: net.Server,
  choose: () => Target | undefined,
  tell?: (text: string) => void,
): Forwarder {
  const open = new Set<net.Socket>();
  listener.on("connection", (outside: net.Socket) => {
    const target = choose();
    if (!target) {
      outside.resetAndDestroy();
      return;
    }
    const inside = net.connect(target);
    const start = Date.now();
    const ended = (why: string) => {
      const isUnanswered = !outside.destroyed && inside.bytesRead === 0;
      if (isUnanswered) tell?.(`${target.host}:${target.port}: ${why} after ${Date.now() - start} ms`);
    };
    inside.on("error", ({ message }) => ended(message));
    inside.on("close", () => ended("closed"));
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
