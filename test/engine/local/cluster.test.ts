import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../cluster-lab";
import { lab } from "./shared-lab";

const workloads = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: first, image: busybox}
      - {name: sidecar, image: proxy, restartPolicy: Always}
      containers: [{name: app, image: nginx}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: second}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bad}
spec: {containers: [{name: app, image: "registry:5000/shop/web:missing-v2"}, {name: other, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bad-init}
spec:
  initContainers: [{name: init, image: "tool:missing"}]
  containers: [{name: app, image: nginx}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: busybox}]}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Secret
metadata: {name: password}
stringData: {value: a-value-to-look-for}
`;

describe("local cluster", () => {
  const addresses = async () =>
    (await lab.kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].status.podIP}")).split(" ");
  let port: string | undefined;

  before(async () => {
    port = (await lab.start()).apiServer;
    await lab.apply("default", workloads);
    await lab.kubectl("rollout", "status", "deployment/web", "--timeout=2m");
  });

  it("has a node in each of three zones", async () => {
    const columns =
      "custom-columns=:metadata.name,:metadata.labels.topology\\.kubernetes\\.io/zone,:status.allocatable.pods";
    const nodes = await lab.kubectl("get", "nodes", "--no-headers", "-o", columns);
    const rows = nodes.split("\n").map((line) => line.trim().split(/\s+/).join(" "));
    assert.deepEqual(rows, ["node-a local-a 110", "node-b local-b 110", "node-c local-c 110"]);
    assert.match(await lab.kubectl("version"), /Server Version: v1\.36\./);
  });

  it("keeps credentials from other users", () => {
    const mode = (...path: string[]) => statSync(join(lab.projectDir, ".ftgo", ...path)).mode & 0o777;
    assert.equal(mode("kubeconfig"), 0o600);
    assert.equal(mode("cluster"), 0o700);
    for (const key of ["ca.key", "admin.key", "server.key", "service-accounts.key", "encryption.json"])
      assert.equal(mode("cluster", "credentials", key), 0o600, key);
  });

  it("stores Secrets encrypted", () => {
    const wal = join(lab.projectDir, ".ftgo", "cluster", "etcd", "member");
    const files = ["snap/db", "wal/0000000000000000-0000000000000000.wal"];
    for (const file of files) assert.doesNotMatch(readFileSync(join(wal, file), "latin1"), /a-value-to-look-for/);
  });

  it("shows sidecars running and init containers done", async () => {
    const path = "jsonpath={.items[0].status.initContainerStatuses[*].state}";
    const states = await lab.kubectl("get", "pods", "-l", "app=web", "-o", path);
    assert.match(states, /"terminated":.*"Completed".*"running":/);
  });

  it("never calls a pod ready whose image is missing, and says why as a kubelet does", async () => {
    const state = (pod: string, list: string) =>
      lab.kubectl("get", "pod", pod, "-o", `jsonpath={.status.phase} {.status.${list}[0].state.waiting}`);
    const message = (image: string) => `"message":"Back-off pulling image \\"${image}\\"","reason":"ImagePullBackOff"`;
    await until("the pods have a status", async () => (await state("bad-init", "initContainerStatuses")).includes("{"));
    assert.equal(await state("bad", "containerStatuses"), `Pending {${message("registry:5000/shop/web:missing-v2")}}`);
    assert.equal(await state("bad-init", "initContainerStatuses"), `Pending {${message("tool:missing")}}`);
    const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    assert.equal(await lab.kubectl("get", "pod", "bad", "-o", ready), "False");
  });

  it("completes Jobs", () => lab.kubectl("wait", "--for=condition=Complete", "job/job", "--timeout=2m"));

  it("binds volumes, in the folder of the cluster", async () => {
    await lab.kubectl("wait", "--for=jsonpath={.status.phase}=Bound", "pvc/data", "--timeout=2m");
    assert.ok(existsSync(join(lab.projectDir, ".ftgo", "cluster", "volumes", "hostpath_pv")));
  });

  it("gives load balancers addresses of their own, and takes them back", async () => {
    const address = (name: string) =>
      lab.kubectl("get", "service", name, "-o", "jsonpath={.status.loadBalancer.ingress[*].ip}");
    await until("both have an address", async () => (await address("web")) !== "" && (await address("second")) !== "");
    assert.match(await address("web"), /^10\.97\.0\.\d+$/);
    assert.notEqual(await address("web"), await address("second"));
    await lab.kubectl("patch", "service", "second", "-p", '{"spec":{"type":"ClusterIP"}}');
    await until("the address is taken back", async () => (await address("second")) === "");
  });

  it("does nothing when it is started again", async () => {
    const before = await lab.status();
    lab.told.length = 0;
    assert.deepEqual(await lab.start(), before);
    assert.deepEqual(lab.told, []);
  });

  it("leaves nothing behind after stop, and finds everything again after start", async () => {
    const before = await addresses();
    await lab.stop();
    assert.deepEqual(lab.processes(), []);
    const stopped = await lab.status();
    assert.equal(stopped.running, false);
    assert.deepEqual(new Set(stopped.processes.map((process) => process.state)), new Set(["stopped"]));

    const again = await lab.start();
    assert.equal(again.apiServer, port, "the same port");
    assert.deepEqual(await addresses(), before);
    await lab.kubectl("scale", "deployment/web", "--replicas=6");
    await lab.kubectl("rollout", "status", "deployment/web", "--timeout=2m");
    assert.equal(new Set(await addresses()).size, 6, "new pods get addresses of their own");
    const value = await lab.kubectl("get", "secret", "password", "-o", "jsonpath={.data.value}");
    assert.equal(Buffer.from(value, "base64").toString(), "a-value-to-look-for");
  });

  it("names a crashed process with the end of its log; start puts it right", async () => {
    const { processes } = await lab.status();
    process.kill(processes.find(({ name }) => name === "kube-scheduler")?.pid ?? 0, "SIGKILL");
    const crashed = async () => (await lab.status()).processes.filter(({ state }) => state === "crashed");
    await until(
      "the crash is seen",
      async () => (await crashed())[0]?.logTail?.startsWith("killed by SIGKILL") === true,
    );
    assert.equal((await lab.status()).running, false);
    assert.deepEqual(
      (await crashed()).map(({ name }) => name),
      ["kube-scheduler"],
    );
    assert.match((await crashed())[0]?.logTail ?? "", /Starting Kubernetes Scheduler/);
    assert.ok((await lab.start()).running);
  });

  it("goes with its supervisor", async () => {
    const state = JSON.parse(readFileSync(join(lab.projectDir, ".ftgo", "cluster", "state.json"), "utf8")) as {
      supervisor: { pid: number };
    };
    process.kill(state.supervisor.pid, "SIGKILL");
    await until("all processes are gone", () => lab.processes().length === 0);
    assert.equal((await lab.status()).running, false);
  });

  it("comes back with everything, also after a start that was killed at its beginning while another one waited", async () => {
    const script = `require(${JSON.stringify(join(__dirname, "..", "..", "..", "local"))}).start(process.argv[1], () => undefined, { traffic: false })`;
    const first = spawn(process.execPath, ["-r", "./loader.js", "-e", script, lab.projectDir], {
      stdio: "ignore",
    });
    await until("it has a child", () => readdirSync("/proc").some((pid) => isChild(pid, first.pid)));
    const second = lab.start();
    first.kill("SIGKILL");
    const { running, processes } = await second;
    assert.ok(running, JSON.stringify(processes));
    assert.equal((await addresses()).length, 6);
    await lab.stop();
    assert.deepEqual(lab.processes(), []);
  });

  it("names the process that does not start with the end of its log, and leaves nothing behind", async () => {
    const data = join(lab.projectDir, ".ftgo", "cluster", "etcd");
    renameSync(data, `${data}.kept`);
    writeFileSync(data, "not a folder");
    await assert.rejects(
      lab.start(),
      /did not start: etcd ended while starting \(exit code 1\).*etcd\.log:\n.*not a directory/s,
    );
    assert.deepEqual(lab.processes(), []);
    const { processes } = await lab.status();
    assert.equal(processes.find(({ name }) => name === "etcd")?.state, "crashed");
    rmSync(data);
    renameSync(`${data}.kept`, data);
  });

  it("is started once when it is started twice at the same time", async () => {
    const [one, two] = await Promise.all([lab.start(), lab.start()]);
    assert.ok(one.running);
    assert.deepEqual(one, two);
    assert.equal((await addresses()).length, 6);
  });
});

function isChild(pid: string, parent: number | undefined): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("supervisor.ts") && parentOf(pid) === parent;
  } catch {
    return false; // no process, or none any more
  }
}

function parentOf(pid: string): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
