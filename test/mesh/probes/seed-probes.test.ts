import assert from "node:assert/strict";
import { until } from "../../engine/cluster-lab";
import type { KubeObject, Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { processOf } from "../processes";

const service = "shop";
/** The seed's numbers, which are the defaults. Seconds. */
const [first, period, failures] = [60, 20, 3];
/** Of a container that does not answer, which is killed only then. The seed says nothing of it. */
const stop = { drainSeconds: 1, graceSeconds: 3 };

interface Status {
  readonly startTime: string;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly lastTransitionTime: string;
  }[];
  readonly containerStatuses: readonly { readonly restartCount: number }[];
}

describe("Probes with the seed's numbers (B3)", () => {
  let lab: Platform;

  before(async () => {
    lab = await platform(true);
    await lab.bring({ [`services.${service}`]: { image: "ftgo-shop:v1", replicas: 2, stop } });
  });

  const pods = () => lab.pods(service);
  const statusOf = ({ status }: KubeObject) => status as unknown as Status;
  const ready = (pod: KubeObject) => statusOf(pod).conditions.find(({ type }) => type === "Ready") ?? assert.fail();
  const restarts = (pod: KubeObject) => statusOf(pod).containerStatuses[0]?.restartCount;

  it("ask for the first time after 60 s: until then a pod is not ready", async () => {
    const times = (await pods()).map((pod) => {
      const { status, lastTransitionTime } = ready(pod);
      assert.equal(status, "True");
      return (Date.parse(lastTransitionTime) - Date.parse(statusOf(pod).startTime)) / 1000;
    });
    assert.ok(Math.min(...times) >= first, `ready after ${times.join()} s`);
    // On a busy machine one of them may not answer in time, and is asked again.
    assert.ok(Math.min(...times) < first + period, `ready after ${times.join()} s, by one success`);
  });

  it("take a pod out after three failures in a row, 20 s apart, and start its container again: only its own", async () => {
    const [pod] = await pods();
    assert.ok(pod);
    const stopped = Date.now();
    process.kill(processOf(pod.metadata.uid, service, "node"), "SIGSTOP");
    const now = async () => (await pods()).find(({ metadata }) => metadata.uid === pod.metadata.uid) ?? assert.fail();
    await until("it is out", async () => ready(await now()).status === "False");
    // Two periods between the first failure and the third; the API server's times are whole seconds.
    const seconds = (Date.parse(ready(await now()).lastTransitionTime) - stopped) / 1000;
    assert.ok(seconds >= (failures - 1) * period - 1, `out after ${seconds} s`);
    await until("it is started again", async () => restarts(await now()) === 1);
    const others = (await pods()).filter(({ metadata }) => metadata.uid !== pod.metadata.uid);
    assert.deepEqual(
      others.map((other) => [restarts(other), ready(other).status]),
      [[0, "True"]],
    );
  });
});
