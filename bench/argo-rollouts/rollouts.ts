import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import { goEnvironment } from "../../local/tools/build";
import { until } from "../../test/engine/cluster-lab";
import { goPrograms } from "../../test/engine/go-programs";
import type { PeerNamespace } from "../peer-namespace";

const hosts = ["rolled-stable", "rolled-canary"] as const;
const labels = { app: "rolled" };

/** Argo Rollouts with a canary that pauses after each percent. */
export class Rollouts {
  private constructor(
    private readonly home: PeerNamespace,
    private readonly programs: string,
    private readonly controller: ChildProcess,
  ) {}

  static async open(home: PeerNamespace): Promise<Rollouts> {
    const programs = await goPrograms("Argo Rollouts", __dirname);
    const list = ["list", "-m", "-f", "{{.Dir}}", "github.com/argoproj/argo-rollouts"];
    const { stdout: sources } = await execa("go", list, { cwd: __dirname, env: goEnvironment(home.lab.dir) });
    await home.kubectl("apply", "--server-side", "--kustomize", join(sources, "manifests", "crds"));
    const flags = ["--namespaced", "--leader-elect=false", ...home.access];
    const controller = spawn(join(programs, "rollouts-controller"), flags, { stdio: "ignore" });
    const rollouts = new Rollouts(home, programs, controller);
    await rollouts.start();
    return rollouts;
  }

  async close(): Promise<void> {
    const exit = once(this.controller, "exit");
    if (this.controller.kill()) await exit;
  }

  /** One percent more. */
  async promote(): Promise<void> {
    await this.command("promote", "rolled");
  }

  async abort(): Promise<void> {
    await this.command("abort", "rolled");
  }

  /** The first percent again, after an abort. */
  async retry(): Promise<void> {
    await this.command("retry", "rollout", "rolled");
  }

  /** Waits until there is nothing to do but what a person says. */
  paused(): Promise<void> {
    return this.phase("Paused");
  }

  private async start(): Promise<void> {
    await this.home.apply(...hosts.map(service), route, rollout("ftgo-consumer-service:v1"));
    await this.phase("Healthy");
    await this.home.apply(rollout("ftgo-consumer-service:v2"));
    await this.paused();
  }

  private async command(...args: string[]): Promise<void> {
    await execa(join(this.programs, "kubectl-argo-rollouts"), [...args, ...this.home.access]);
  }

  private phase(wanted: string): Promise<void> {
    const args = ["get", "rollout", "rolled", "--output=jsonpath={.status.phase}"];
    return until(`Argo Rollouts is ${wanted}`, async () => (await this.home.kubectl(...args)) === wanted);
  }
}

function service(name: string) {
  const ports = [{ name: "http", port: 8080 }];
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: labels, ports } };
}

const route = {
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "rolled" },
  spec: {
    hosts: ["rolled"],
    http: [
      { name: "primary", route: hosts.map((host, index) => ({ destination: { host }, weight: 100 - 100 * index })) },
    ],
  },
};

function rollout(image: string) {
  const [stableService, canaryService] = hosts;
  const percents = Array.from({ length: 99 }, (_, index) => index + 1);
  const canary = {
    stableService,
    canaryService,
    trafficRouting: { istio: { virtualService: { name: "rolled" } } },
    steps: percents.flatMap((setWeight) => [{ setWeight }, { pause: {} }]),
  };
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: { name: "rolled" },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "app", image }] } },
      strategy: { canary },
    },
  };
}
