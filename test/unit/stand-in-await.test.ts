import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ruleFor } from "../../local/stand-ins/kubernetes/await/rules";
import { problemsOf } from "../../local/stand-ins/kubernetes/await/problems";
import { daemonSet, deployment, job, pod, statefulSet } from "../../local/stand-ins/kubernetes/await/workloads";
import { Cluster } from "../../local/stand-ins/kubernetes/cluster";
import type { Fields } from "../../local/stand-ins/kubernetes/wire";

function workload(spec: Fields, status: Fields, generation = 2): Fields {
  return { kind: "Deployment", metadata: { name: "a", namespace: "shop", generation }, spec, status };
}

describe("stand-in: when an object is ready", () => {
  const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };

  it("waits for a Deployment's new pods, and for the old ones to go", () => {
    const state = (status: Fields) => deployment(workload({ replicas: 2 }, { ...done, ...status })).state;
    assert.equal(state({}), "ready");
    assert.equal(state({ observedGeneration: 1 }), "waiting");
    assert.equal(state({ updatedReplicas: 1 }), "waiting");
    assert.equal(state({ availableReplicas: 1 }), "waiting");
    assert.equal(state({ replicas: 3 }), "waiting");
  });

  it("fails with the deadline of the rollout, but not with that of an older generation", () => {
    const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
    const status = { ...done, availableReplicas: 0, conditions };
    const spec = { replicas: 2, progressDeadlineSeconds: 15 };
    assert.deepEqual(deployment(workload(spec, status)), {
      state: "failed",
      why: "no progress within 15 s (progressDeadlineSeconds)",
    });
    assert.equal(deployment(workload(spec, status, 3)).state, "waiting");
  });

  it("needs no pod of a workload without replicas", () => {
    assert.equal(deployment(workload({ replicas: 0 }, { observedGeneration: 2 })).state, "ready");
    assert.equal(statefulSet(workload({ replicas: 0 }, { observedGeneration: 2 })).state, "ready");
    assert.equal(daemonSet(workload({}, { observedGeneration: 2 })).state, "ready");
  });

  it("judges StatefulSets by revision, Jobs and pods by their end", () => {
    assert.equal(statefulSet(workload({ replicas: 2 }, { ...done, updatedReplicas: 1 })).state, "waiting");
    const partition = { updateStrategy: { rollingUpdate: { partition: 1 } } };
    assert.equal(statefulSet(workload({ replicas: 2, ...partition }, { ...done, updatedReplicas: 1 })).state, "ready");
    const ended = (type: string) =>
      job(workload({}, { conditions: [{ type, status: "True", reason: "R", message: "m" }] }));
    assert.deepEqual([ended("Complete").state, ended("Failed")], ["ready", { state: "failed", why: "R: m" }]);
    assert.equal(pod({ status: { phase: "Succeeded" } }).state, "ready");
    assert.equal(pod({ status: { phase: "Failed" } }).state, "failed");
  });
});

describe("stand-in: when a Service is ready", () => {
  const service = { metadata: { name: "a", namespace: "shop" }, spec: { type: "ClusterIP", selector: { app: "a" } } };
  async function state(ready: boolean[], waited = 0, object: Fields = service): Promise<string | undefined> {
    const endpoints = ready.map((isReady) => ({ conditions: { ready: isReady } }));
    const cluster = { list: () => Promise.resolve([{ endpoints }]) } as unknown as Cluster;
    return (await ruleFor({ apiVersion: "v1", kind: "Service" })?.(object, cluster, waited))?.state;
  }

  it("needs one ready pod, whatever the others are: a bad canary must not hold up its own removal", async () => {
    assert.equal(await state([true, false]), "ready");
    assert.equal(await state([true]), "ready");
    assert.equal(await state([false, false]), "waiting");
  });

  it("waits ten seconds for a first pod, whatever the API server's clock says", async () => {
    for (const hours of [-1, 0, 1]) {
      const creationTimestamp = new Date(Date.now() + hours * 3_600_000).toISOString();
      const made = { ...service, metadata: { ...service.metadata, creationTimestamp } };
      assert.equal(await state([], 9_000, made), "waiting", `${hours} h`);
      assert.equal(await state([], 11_000, made), "ready", `${hours} h`);
    }
  });
});

describe("stand-in: why an object is not ready", () => {
  function podOf(owner: string, name: string, status: Fields): Fields {
    const ownerReferences = [{ kind: "ReplicaSet", name: `${owner}-7d9` }];
    return { kind: "Pod", metadata: { name, namespace: "shop", uid: name, ownerReferences }, status };
  }

  async function problems(pods: Fields[], events: Fields[] = []): Promise<string[]> {
    const server = createServer((request, response) => {
      response.end(JSON.stringify({ items: request.url?.includes("/events") ? events : pods }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const cluster = new Cluster({ server: `http://127.0.0.1:${port}`, insecure: false });
      return await problemsOf(workload({ selector: { matchLabels: { app: "a" } } }, {}), cluster);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it("names the pod, the container and the reason", async () => {
    const waiting = (reason: string, message: string, rest: Fields = {}) => ({
      containerStatuses: [{ name: "app", state: { waiting: { reason, message } }, ...rest }],
    });
    const crashed = { lastState: { terminated: { exitCode: 1, reason: "Error" } } };
    assert.deepEqual(
      await problems([
        podOf("a", "a-1", waiting("ImagePullBackOff", 'Back-off pulling image "x"')),
        podOf("a", "a-2", waiting("CrashLoopBackOff", "back-off 10s", crashed)),
      ]),
      [
        'pod a-1 container app: ImagePullBackOff: Back-off pulling image "x"',
        "pod a-2 container app: CrashLoopBackOff: back-off 10s: last run: Error, exit code 1",
      ],
    );
  });

  it("repeats what the scheduler says", async () => {
    const message = "0/3 nodes are available: 3 Insufficient memory.";
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
    assert.deepEqual(await problems([podOf("a", "a-1", { conditions })]), [`pod a-1: Unschedulable: ${message}`]);
  });

  it("takes the last warning for a pod that runs and is not ready, and leaves out those of others", async () => {
    const events = [
      { reason: "Old", message: "o", lastTimestamp: "2026-01-01T00:00:00Z" },
      { reason: "Unhealthy", message: "Readiness probe failed", lastTimestamp: "2026-01-02T00:00:00Z" },
    ];
    const running = { phase: "Running", containerStatuses: [{ name: "app", state: { running: {} } }] };
    assert.deepEqual(await problems([podOf("a", "a-1", running), podOf("a-other", "b-1", running)], events), [
      "pod a-1: Unhealthy: Readiness probe failed",
    ]);
  });

  it("says nothing about pods that are well or going", async () => {
    const well = podOf("a", "a-1", { conditions: [{ type: "Ready", status: "True" }] });
    const going = podOf("a", "a-2", { phase: "Pending" });
    going["metadata"] = { ...(going["metadata"] as Fields), deletionTimestamp: "now" };
    assert.deepEqual(await problems([well, going]), []);
  });
});
