import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackStatus } from "../../../automation";
import { until } from "../../engine/cluster-lab";
import { type Platform, succeeded } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { lost, send } from "../load";
import { processOf } from "../processes";

interface PodSpec {
  readonly initContainers?: { readonly name: string }[];
  readonly containers: { readonly name: string }[];
}
interface Container {
  readonly name: string;
  readonly restartCount: number;
}

const restaurant = ["pods", "-l", "app=ftgo-restaurant-service"] as const;

describe("Pods that run", () => {
  let lab: Platform;

  before(async () => {
    lab = await platform(true);
    await lab.bring({ "services.restaurant.stop": { drainSeconds: 1, graceSeconds: 6 } });
  });

  const restarts = async () => {
    const pods = await lab.list(...restaurant);
    const of = (status: Readonly<Record<string, unknown>>) =>
      (status["containerStatuses"] as Container[])[0]?.restartCount;
    return Object.fromEntries(pods.map(({ metadata, status }) => [metadata.uid, of(status)]));
  };

  it("show what they write to `kubectl logs`", async () => {
    assert.match(await lab.kubectl("logs", "deployment/ftgo-restaurant-service"), /listens on 8080/);
  });

  for (const [what, signal] of [
    ["their process dies", "SIGKILL"],
    ["they do not answer their liveness probe any more", "SIGSTOP"],
  ] as const)
    it(`are restarted when ${what}, each alone (B3)`, async () => {
      const before = await restarts();
      const [first = "", second = ""] = Object.keys(before);
      process.kill(processOf(first, "ftgo-restaurant-service", "node"), signal);
      await until("it is counted", async () => (await restarts())[first] === (before[first] ?? 0) + 1);
      await lab.kubectl("wait", "--for=condition=Ready", ...restaurant, "--timeout=2m");
      assert.equal((await restarts())[second], before[second]);
    });

  it("of a version that goes wait until every proxy has heard of it; one that does not answer is named", async () => {
    const versions = (version: string) => ({ [version]: { image: `ftgo-consumer-service:${version}` } });
    lab.set({ "services.consumer.versions": versions("v1"), "services.consumer.stable": "v1" });
    await lab.project.up({ refresh: false });
    const [pod] = await lab.list(...restaurant);
    assert.ok(pod);
    const agent = processOf(pod.metadata.uid, "istio-proxy", "pilot-agent");
    lab.set({ "services.consumer.versions": versions("v2"), "services.consumer.stable": "v2" });
    process.kill(agent, "SIGSTOP");
    const { stdout, stderr } = succeeded(
      await lab.ftgo("up", "--yes", "--no-refresh").finally(() => process.kill(agent, "SIGCONT")),
    );
    const told = /not told of the changed route within 10 s: (.*)/.exec(`${stdout}\n${stderr}`);
    assert.doesNotMatch(stderr, /\[runtime\]/); // as the SDK says what it cannot tell the engine
    const behind = told?.[1]?.trim() ?? assert.fail(stderr);
    assert.equal(behind, `${pod.metadata.name}.ftgo`);
  });

  it("have sidecars that answer when `istioctl kube-inject` has put them into what `ftgo manifests` prints (A3)", async () => {
    const write = (name: string, text: string) => {
      writeFileSync(join(lab.dir, name), text);
      return join(lab.dir, name);
    };
    const printed = write("printed.yaml", succeeded(await lab.ftgo("manifests", "restaurant")).stdout);
    const injected = write("injected.yaml", succeeded(await lab.istioctl("kube-inject", "-f", printed)).stdout);
    const rollout = (...args: string[]) => lab.kubectl("rollout", ...args, "deployment/ftgo-restaurant-service");
    await lab.kubectl("apply", "-f", injected);
    try {
      await rollout("status", "--timeout=2m");
      const { spec } = await lab.get<{ template: { spec: PodSpec } }>("deployment", "ftgo-restaurant-service");
      const { initContainers = [], containers } = spec.template.spec;
      const names = [...initContainers, ...containers].map(({ name }) => name);
      assert.deepEqual(
        names.filter((name) => name === "istio-proxy"),
        ["istio-proxy"],
        names.join(),
      );
      const { url = "" } = (JSON.parse(succeeded(await lab.ftgo("status", "--json")).stdout) as StackStatus).gateway;
      assert.deepEqual(lost(await send({ url, requests: ["GET /restaurants/1"], rate: 50, count: 50 })), []);
    } finally {
      await rollout("undo");
      await rollout("status", "--timeout=2m");
    }
  });
});
