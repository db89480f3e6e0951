import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { openProject, type Project } from "../automation";
import type { Platform } from "../test/engine/platform-lab";
import type { Figures } from "./measure";

/** How long it takes from a command to the change of a route that a watch of the API server shows, and until it has ended. */
export async function untilChanged(
  lab: Platform,
  namespace: string,
  route: string,
  command: () => Promise<unknown>,
): Promise<Figures> {
  const args = ["get", "virtualservice", route, "--namespace", namespace, "--watch", "--output"];
  const watch = spawn(lab.tool("kubectl"), [...lab.access, ...args, 'jsonpath={.spec.http}{"\\n"}'], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface(watch.stdout)[Symbol.asyncIterator]();
  try {
    const next = async () => {
      const line = await lines.next();
      if (line.done) throw new Error(`the watch of route ${route} has ended`);
      return line.value;
    };
    const before = await next();
    const start = performance.now();
    const since = () => (performance.now() - start) / 1000;
    const change = async () => {
      for (;;) {
        if ((await next()) !== before) return since();
      }
    };
    const [changed, ended] = await Promise.all([change(), command().then(since)]);
    return { "seconds to the change": changed, "to the end": ended };
  } finally {
    const exit = once(watch, "exit");
    watch.kill();
    await exit;
  }
}

/** Arguments by which `kubectl patch` gives the second of a route's two destinations that weight, and the first the rest. */
export function weightPatch(weight: number): string[] {
  const change = [100 - weight, weight].map((value, index) => ({
    op: "replace",
    path: `/spec/http/0/route/${index}/weight`,
    value,
  }));
  return ["--type=json", `--patch=${JSON.stringify(change)}`];
}

/** The stack as a script opens it, anew for each thing that it does. */
export function inScript(lab: Platform): Project {
  return openProject({ stack: "local", projectDir: lab.dir, env: lab.variables });
}
