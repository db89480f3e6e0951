import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { behaviourOf } from "../../local/application/behaviour";
import { type ApiClient, ApiError } from "../../local/cluster/api-client";
import { nodePortOf } from "../../local/cluster/way-in";
import { DataSources, environmentOf, expanded } from "../../local/kubelet/environment";
import type { Container, ContainerStatus, Pod } from "../../local/kubelet/pod";
import { perform } from "../../local/kubelet/probe";
import { isOurs } from "../../local/kubelet/programs";
import { podStatus } from "../../local/kubelet/status";

const sidecar: Container = { name: "proxy", image: "docker.io/istio/proxyv2:1.31.0", restartPolicy: "Always" };
const init: Container = { name: "init", image: "docker.io/istio/proxyv2:1.31.0" };
const app: Container = { name: "app", image: "msapatterns/ftgo-consumer-service:latest" };
const pod: Pod = {
  metadata: { name: "p", namespace: "ftgo", uid: "1", labels: { app: "consumer" } },
  spec: { containers: [app], initContainers: [init, sidecar] },
  status: { podIP: "10.244.1.1" },
};

const running = (name: string, ready: boolean): ContainerStatus => ({
  ...{ name, image: "", imageID: "", ready, started: true, restartCount: 0 },
  state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
});
const terminated = (name: string, exitCode: number): ContainerStatus => {
  const times = { startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:01Z" };
  return { ...running(name, false), state: { terminated: { exitCode, reason: "", ...times } } };
};

interface Status {
  readonly phase: string;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly lastTransitionTime: string;
  }[];
}

describe("A probe", () => {
  it("that cannot be sent at all has failed, and ends nothing else", async () => {
    const target = { container: app, address: "127.0.0.1", exec: () => Promise.reject(new Error("no such command")) };
    const { signal } = new AbortController();
    assert.equal(await perform({ httpGet: { path: "/health check", port: 8080 } }, target, signal), false);
    assert.equal(await perform({ exec: { command: ["none"] } }, target, signal), false);
  });

  it("may name a port of its container", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const container = { ...app, ports: [{ name: "http", containerPort: port }] };
      const target = { container, address: "127.0.0.1", exec: () => assert.fail() };
      const { signal } = new AbortController();
      assert.equal(await perform({ tcpSocket: { port: "http" } }, target, signal), true);
      assert.equal(await perform({ tcpSocket: { port: "other" } }, target, signal), false);
    } finally {
      server.close();
    }
  });
});

describe("The status of a pod that runs", () => {
  const shown = (statuses: ContainerStatus[], of = pod) => {
    const { phase, conditions } = podStatus(of, "10.244.1.1", statuses) as Status;
    return [phase, conditions.find(({ type }) => type === "Ready")?.status];
  };

  it("has the addresses of the pod and of its node", () => {
    const placed = { ...pod, status: { ...pod.status, hostIP: "10.96.1.1" } };
    const { hostIP, podIP } = podStatus(placed, "10.244.1.1", []) as { hostIP: string; podIP: string };
    assert.deepEqual([hostIP, podIP], ["10.96.1.1", "10.244.1.1"]);
  });

  it("is ready when init containers are done, and sidecars and containers are ready", () => {
    const done = [terminated("init", 0), running("proxy", true), running("app", true)];
    assert.deepEqual(shown(done), ["Running", "True"]);
    assert.deepEqual(shown([terminated("init", 0), running("proxy", false), running("app", true)]), [
      "Running",
      "False",
    ]);
    assert.deepEqual(shown([terminated("init", 0), running("proxy", true), running("app", false)]), [
      "Running",
      "False",
    ]);
  });

  it("is pending while an init container has not ended well", () => {
    assert.deepEqual(shown([terminated("init", 1)]), ["Pending", "False"]);
  });

  it("keeps the time since when a condition holds, and conditions of others", () => {
    const before = { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" };
    const scheduled = { type: "PodScheduled", status: "True" };
    const later = { ...pod, status: { ...pod.status, conditions: [before, scheduled] } };
    const done = [terminated("init", 0), running("proxy", true), running("app", true)];
    const { conditions } = podStatus(later, "10.244.1.1", done) as Status;
    assert.deepEqual(
      conditions.find(({ type }) => type === "Ready"),
      before,
    );
    assert.ok(conditions.some(({ type }) => type === "PodScheduled"));
  });
});

describe("The environment of a container that runs", () => {
  const objects: Record<string, object> = {
    "/api/v1/namespaces/ftgo/configmaps/settings": { data: { COLOUR: "blue" } },
    "/api/v1/namespaces/ftgo/secrets/login": { data: { password: Buffer.from("a$b").toString("base64") } },
  };
  const get = (path: string) =>
    path in objects ? Promise.resolve(objects[path]) : Promise.reject(new ApiError(404, path, "{}"));
  const api = { get } as unknown as ApiClient;

  it("has values, fields, ConfigMaps and Secrets, as a kubelet gives them", async () => {
    const container: Container = {
      ...app,
      envFrom: [{ configMapRef: { name: "settings" }, prefix: "MY_" }],
      env: [
        { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
        { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: "CPUS", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
        { name: "MEMORY", valueFrom: { resourceFieldRef: { resource: "limits.memory" } } },
        { name: "ALL", value: "$(MY_COLOUR) $(LABEL) $(NOBODY) $$(LABEL)" },
      ],
      resources: { limits: { cpu: "1500m", memory: "1Gi" } },
    };
    const found = await environmentOf(container, pod, new DataSources(api, pod));
    const { MY_COLOUR, PASSWORD, LABEL, CPUS, MEMORY, ALL } = found;
    assert.deepEqual(
      { MY_COLOUR, PASSWORD, LABEL, CPUS, MEMORY, ALL },
      {
        ...{ MY_COLOUR: "blue", PASSWORD: "a$b", LABEL: "consumer", CPUS: "2", MEMORY: "1073741824" },
        ALL: "blue consumer $(NOBODY) $(LABEL)",
      },
    );
  });

  it("needs every ConfigMap that is not optional", async () => {
    const of = (optional: boolean): Container => ({ ...app, envFrom: [{ configMapRef: { name: "none", optional } }] });
    const sources = () => new DataSources(api, pod);
    assert.equal((await environmentOf(of(true), pod, sources()))["HOSTNAME"], "p");
    await assert.rejects(environmentOf(of(false), pod, sources()), { message: `configmap "none" not found` });
  });

  it("is what `$(NAME)` in arguments stands for", () => {
    assert.equal(expanded("$(POD).svc", { POD: "p" }), "p.svc");
  });
});

describe("Pods", () => {
  const of = (...images: string[]) => ({ ...pod, spec: { containers: images.map((image) => ({ name: "c", image })) } });

  it("run when their own image has a program, and not because of their sidecar", () => {
    assert.ok(isOurs(of("ftgo-consumer-service:v2", "docker.io/istio/proxyv2:1"), true));
    assert.ok(!isOurs(of("shop/app:1", "docker.io/istio/proxyv2:1"), true));
  });

  it("of applications are only shown without traffic; istiod runs all the same", () => {
    assert.ok(!isOurs(of("ftgo-consumer-service:v2"), false));
    assert.ok(isOurs(of("docker.io/istio/pilot:1.31.0"), false));
  });
});

describe("The way in from this machine", () => {
  const service = (name: string, creationTimestamp: string, nodePort?: number) => ({
    metadata: { name, uid: name, creationTimestamp },
    spec: { ports: [nodePort === undefined ? {} : { nodePort }] },
  });

  it("leads to the node port of the oldest Service that has one", () => {
    const services = [
      service("inside", "2026-01-01T00:00:00Z"),
      service("new", "2026-01-03T00:00:00Z", 30003),
      service("old", "2026-01-02T00:00:00Z", 30002),
    ];
    assert.equal(nodePortOf(services), 30002);
    assert.equal(nodePortOf(services.slice(0, 1)), undefined);
  });
});

describe("An application of FTGO's that is told to misbehave", () => {
  it("does so by a part of its tag", () => {
    assert.equal(behaviourOf({ APPLICATION_TAG: "v2-unready" }).isReady(), false);
    assert.equal(behaviourOf({ APPLICATION_TAG: "v2-failing" }).failure(), 500);
    assert.equal(behaviourOf({ APPLICATION_TAG: "v2-slow" }).milliseconds(), 1000);
  });

  it("does not otherwise", () => {
    const good = behaviourOf({ APPLICATION_TAG: "v2" });
    assert.deepEqual([good.isReady(), good.failure(), good.milliseconds()], [true, undefined, 0]);
  });

  it("does so by variables, which say how much", () => {
    assert.equal(behaviourOf({ SLOW_MS: "250" }).milliseconds(), 250);
    assert.equal(behaviourOf({ APPLICATION_TAG: "v2-slow", SLOW_MS: "250" }).milliseconds(), 250);
  });
});
