import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import * as local from "../../../local";
import { until } from "../cluster-lab";
import { lab } from "./shared-lab";

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app, image: nginx}]}
`;

type Named = readonly { readonly name: string }[];
interface Injected {
  readonly spec: {
    readonly template: { readonly spec: { readonly initContainers: Named; readonly containers: Named } };
  };
}

describe("istiod of the local cluster", () => {
  /** The processes of istiod, by their command lines. */
  const istiods = () => lab.processes().filter((line) => line.includes("pilot-discovery discovery"));
  const pods = async () =>
    (await lab.kubectl("get", "pods", "-n", "istio-system", "-o", "jsonpath={.items[*].metadata.name}")).split(" ");
  const containers = (pod: string) =>
    lab.kubectl(
      "get",
      "pod",
      pod,
      "-n",
      "shop",
      "-o",
      "jsonpath={.spec.initContainers[*].name} | {.spec.containers[*].name}",
    );

  before(async () => {
    await lab.start();
    const { helm } = await local.ensureTools(["helm"], lab.report);
    await lab.kubectl("create", "namespace", "istio-system");
    const values = "global.hub=docker.io/istio,global.tag=1.31.0,autoscaleEnabled=false";
    for (const chart of ["base", "istiod"]) {
      const folder = join(lab.projectDir, ".ftgo", "charts", chart);
      const args = ["template", chart, folder, "--namespace", "istio-system", "--set", values];
      await lab.apply("istio-system", execFileSync(helm, args, { encoding: "utf8" }), "--server-side");
    }
    await lab.kubectl("rollout", "status", "deployment/istiod", "-n", "istio-system", "--timeout=2m");
  });

  it("injects sidecars through the API server's call of its webhook", async () => {
    await lab.apply("shop", shop);
    assert.equal(await containers("web"), "istio-init istio-proxy | app");
    await lab.kubectl("wait", "--for=condition=Ready", "pod/web", "-n", "shop", "--timeout=2m");
  });

  it("answers istioctl, whose kube-inject does by hand what the webhook does", async () => {
    const { istioctl } = await local.ensureTools(["istioctl"], lab.report);
    const deployment = JSON.stringify({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "manual", namespace: "default" },
      spec: {
        selector: { matchLabels: { app: "manual" } },
        template: {
          metadata: { labels: { app: "manual" } },
          spec: { containers: [{ name: "app", image: "nginx" }] },
        },
      },
    });
    const kubeconfig = join(lab.projectDir, ".ftgo", "kubeconfig");
    const istio = (...args: string[]) =>
      execFileSync(istioctl, ["--kubeconfig", kubeconfig, ...args], { input: deployment, encoding: "utf8" });
    const injected = parseAllDocuments(istio("kube-inject", "-f", "-"))[0]?.toJS() as Injected;
    const { initContainers, containers } = injected.spec.template.spec;
    assert.deepEqual(
      [...initContainers, ...containers].map(({ name }) => name),
      ["istio-init", "istio-proxy", "app"],
    );
    assert.match(istio("version"), /control plane version/);
  });

  it("refuses an invalid route", async () => {
    const route = JSON.stringify({
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "wrong", namespace: "shop" },
      spec: { hosts: ["web"], http: [{ route: [{ destination: { host: "web" }, weight: -5 }] }] },
    });
    // istiod lets everything pass until it has put its certificate into the webhook's configuration.
    const webhook = ["get", "validatingwebhookconfiguration", "istio-validator-istio-system"];
    const policy = () => lab.kubectl(...webhook, "-o", "jsonpath={.webhooks[0].failurePolicy}");
    await until("the webhook is in force", async () => (await policy()) === "Fail");
    await assert.rejects(lab.apply("shop", route), /validation\.istio\.io.*weight -5 < 0/);
  });

  it("comes back after stop and start, for the same pod", async () => {
    const before = await pods();
    await lab.stop();
    assert.deepEqual(lab.processes(), []);
    await lab.start();
    assert.deepEqual(await pods(), before);
    assert.equal(istiods().length, 1);
    await lab.kubectl("run", "second", "-n", "shop", "--image=nginx");
    assert.equal(await containers("second"), "istio-init istio-proxy | app".replace("app", "second"));
  });

  it("goes and comes with its pod, and runs once for each", async () => {
    const [before = ""] = await pods();
    await lab.kubectl("delete", "pod", before, "-n", "istio-system");
    await lab.kubectl("scale", "deployment/istiod", "-n", "istio-system", "--replicas=2");
    await lab.kubectl("rollout", "status", "deployment/istiod", "-n", "istio-system", "--timeout=2m");
    assert.equal(istiods().length, 2);
    assert.ok(!(await pods()).includes(before));
  });

  it("is started again when its process has crashed, and counted", async () => {
    const [first = ""] = await pods();
    const restarts = async () =>
      Number(
        await lab.kubectl(
          ...["get", "pod", first, "-n", "istio-system", "-o", "jsonpath={.status.containerStatuses[0].restartCount}"],
        ),
      );
    const before = await restarts();
    await killIn(first);
    await until("it is counted", async () => (await restarts()) === before + 1);
    await lab.kubectl("wait", "--for=condition=Ready", `pod/${first}`, "-n", "istio-system", "--timeout=2m");
    assert.match(local.logs(lab.projectDir, first), /istiod|pilot|info/i);
  });

  /** Kills the istiod of a pod. */
  async function killIn(pod: string): Promise<void> {
    const uid = await lab.kubectl("get", "pod", pod, "-n", "istio-system", "-o", "jsonpath={.metadata.uid}");
    const [pid] = lab.pids((line) => line.includes("pilot-discovery discovery") && line.includes(uid));
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGKILL");
  }
});
