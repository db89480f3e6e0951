import assert from "node:assert/strict";
import type { KubernetesObject } from "../../automation/cluster";
import { unreadyPods } from "../../automation/unready-pods";

const pod = (name: string, status: object, metadata: object = {}): KubernetesObject => ({
  kind: "Pod",
  metadata: { name, ...metadata },
  status,
});
const container = (state: object, lastState = {}) => ({ containerStatuses: [{ name: "web", state, lastState }] });

describe("pods that are not ready", () => {
  it("are told with the reason that Kubernetes gives, be it of the scheduler, a container or the pod", () => {
    const unscheduled = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" };
    const killed = { terminated: { exitCode: 137, reason: "OOMKilled" } };
    assert.deepEqual(
      unreadyPods([
        pod("a", { phase: "Pending", conditions: [unscheduled] }),
        pod("b", container({ waiting: { reason: "ImagePullBackOff", message: "no such image" } })),
        pod("c", container({ waiting: { reason: "CrashLoopBackOff" } }, killed)),
        pod("d", {
          initContainerStatuses: [{ name: "init", state: { terminated: { exitCode: 2, message: "no\n" } } }],
        }),
        pod("e", { phase: "Failed", reason: "Evicted", message: "low on memory" }),
        pod("f", { conditions: [{ type: "ContainersReady", status: "False", message: "unready: [web]" }] }),
        pod("g", container({ waiting: { reason: "ContainerCreating" } })),
      ]),
      [
        "pod a: Unschedulable: 0/3 nodes",
        "pod b container web: ImagePullBackOff: no such image",
        "pod c container web: CrashLoopBackOff: last run: OOMKilled, exit code 137",
        "pod d container init: Error, exit code 2: no",
        "pod e: Evicted: low on memory",
        "pod f: unready: [web]",
        "pod g: is pending and not ready",
      ],
    );
  });

  it("are told with when they are asked for the first time, until then", () => {
    const readinessProbe = { initialDelaySeconds: 60 };
    const spec = { containers: [{ name: "new", readinessProbe }, { name: "old", readinessProbe }, { name: "helper" }] };
    const runs = (name: string, seconds: number) => {
      const startedAt = new Date(Date.now() - seconds * 1000).toISOString();
      return { name, state: { running: { startedAt } } };
    };
    const containerStatuses = [runs("new", 30), runs("old", 90), runs("helper", 0)];
    assert.deepEqual(unreadyPods([{ ...pod("a", { phase: "Running", containerStatuses }), spec }]), [
      "pod a: is running and not ready; new is asked whether it is ready from 60 s after its start on",
    ]);
  });

  it("are told once for all with the same owner, and not when they go or have done their work", () => {
    const owned = { ownerReferences: [{ uid: "1" }] };
    const pods = [
      pod("a-1", {}, owned),
      pod("a-2", {}, owned),
      pod("gone", {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
      pod("done", { phase: "Succeeded" }),
      pod("ready", { conditions: [{ type: "Ready", status: "True" }] }),
    ];
    assert.deepEqual(unreadyPods(pods), ["pod a-1: is pending and not ready"]);
  });

  it("are not told of when they have failed and others have taken their place", () => {
    const [owned, evicted] = [{ ownerReferences: [{ uid: "1" }] }, { phase: "Failed", reason: "Evicted" }];
    const ready = { conditions: [{ type: "Ready", status: "True" }] };
    assert.deepEqual(unreadyPods([pod("a-1", evicted, owned), pod("a-2", ready, owned)]), []);
    const both = [pod("a-1", evicted, owned), pod("a-2", {}, owned)];
    assert.deepEqual(unreadyPods(both), ["pod a-2: is pending and not ready"]);
  });
});
