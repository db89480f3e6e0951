import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Platform } from "../engine/platform-lab";

/** A way from this machine to a port of a pod. */
export interface Forward {
  readonly url: string;
  readonly close: () => void;
}

/** Opens it, by kubectl. @param args such as `pod/shop`, or with `--namespace` of another one */
export async function forwardTo(lab: Platform, port: number, ...args: string[]): Promise<Forward> {
  const forward = spawn(lab.tool("kubectl"), [...lab.access, "port-forward", ...args, `:${port}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(forward.stdout), "line")) as [string];
  return { url: `http://127.0.0.1:${/:(\d+) ->/.exec(line)?.[1] ?? ""}`, close: () => void forward.kill() };
}
