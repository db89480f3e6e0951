import { readFileSync } from "node:fs";
import { execa } from "execa";
import { table } from "../automation/terminal/text";
import type { KubeObject, Platform } from "../test/engine/platform-lab";
import { ensureTools } from "../local";
import { intoNetwork, processesOf, processOf } from "../test/mesh/processes";
import { deployWithoutMesh } from "../test/mesh/without-mesh";
import { type Case, compare, type Figures } from "./measure";

const rounds = 5;
const perSecond = 100;
const seconds = 10;
const milliseconds = 1e6;

const plainNamespace = "plain";
const gateway = "ftgo-api-gateway";
const restaurant = "ftgo-restaurant-service";

/** What the two sidecars add to a call of one service by another: the same applications, with them and without. */
export async function addedLatency(lab: Platform): Promise<string> {
  await lab.bring();
  await deployWithoutMesh(lab, plainNamespace);
  const { vegeta } = await ensureTools(["vegeta"], console.error);
  const [meshed] = await lab.pods(gateway);
  const [plain] = await lab.list("pods", "--namespace", plainNamespace, "-l", `app=${gateway}`);
  // In the gateway's pod, so that nothing but the call itself is measured.
  const request = (pod: KubeObject | undefined) => async (): Promise<Figures> => {
    const enter = intoNetwork(processOf(pod?.metadata.uid ?? "", gateway, "node"));
    const attack = [vegeta, "attack", `-rate=${perSecond}`, `-duration=${seconds}s`];
    const input = "GET http://127.0.0.1:8080/restaurants/1";
    const { stdout } = await execa("nsenter", [...enter, ...attack], { input, encoding: "buffer" }).pipe(vegeta, [
      "report",
      "-type=json",
    ]);
    const { latencies, success } = JSON.parse(stdout) as Report;
    const [p50, p99] = [latencies["50th"] / milliseconds, latencies["99th"] / milliseconds];
    return { "p50, ms": p50, "p99, ms": p99, "answered, %": 100 * success };
  };
  const cases: Case[] = [
    { what: "without sidecars", run: request(plain) },
    { what: "with both", run: request(meshed) },
  ];
  return compare({ title: `one service calls another, ${perSecond} times a second`, cases }, rounds);
}

interface Report {
  readonly latencies: Readonly<Record<"50th" | "99th", number>>;
  readonly success: number;
}

// Of 80 only 68 come up: their agents watch files by inotify, of which Linux gives a user 128 instances by default.
const sizes = [1, 10, 30, 60];

/** More and more pods of one service: how long they take until all are ready, and what each needs. */
export async function pods(lab: Platform): Promise<string> {
  await lab.bring({ "services.restaurant.resources": { requests: { cpu: "10m", memory: "16Mi" } } });
  const scale = async (replicas: number) => {
    const start = performance.now();
    await lab.kubectl("scale", `deployment/${restaurant}`, `--replicas=${replicas}`);
    await lab.kubectl("rollout", "status", `deployment/${restaurant}`, "--timeout=15m");
    return (performance.now() - start) / 1000;
  };
  await scale(0);
  await lab.kubectl("wait", "--for=delete", "pods", "-l", `app=${restaurant}`, "--timeout=2m");
  const rows = [
    ["pods", "added", "seconds until all are ready", "MiB of a sidecar", "of its agent", "of the application"],
  ];
  let before = 0;
  for (const size of sizes) {
    const seconds = await scale(size);
    const memory = memoryOf(await lab.pods(restaurant));
    const each = ["envoy", "pilot-agent", "node"].map((program) => ((memory[program] ?? 0) / size).toFixed(0));
    rows.push([String(size), String(size - before), seconds.toFixed(1), ...each]);
    console.error(rows.at(-1)?.join("  "));
    before = size;
  }
  return table(rows);
}

/** MiB that the processes of these pods need by program, pages that several share counted in parts. */
function memoryOf(all: readonly KubeObject[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { pid, program } of all.flatMap(({ metadata }) => processesOf(metadata.uid))) {
    const kibibytes = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
    sums[program] = (sums[program] ?? 0) + kibibytes / 1024;
  }
  return sums;
}
