import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { ensureTools } from "../local";
import { succeeded } from "../test/engine/platform-lab";
import type { Manifest } from "./objects";
import type { PeerNamespace } from "./peer-namespace";

interface ServiceManifest extends Manifest {
  readonly spec: { readonly http: readonly { readonly route: readonly object[] }[] };
}

const weights = ["{{ sub 100 (int .Values.weight) }}", "{{ .Values.weight }}"];

/** A chart with copies of all objects of the consumer service, of whose canary the weight is a value. */
export class Chart {
  private readonly dir: string;

  private constructor(
    private readonly home: PeerNamespace,
    private readonly objects: readonly ServiceManifest[],
  ) {
    this.dir = join(home.lab.dir, "peer-chart");
    mkdirSync(join(this.dir, "templates"), { recursive: true });
    writeFileSync(join(this.dir, "Chart.yaml"), "apiVersion: v2\nname: consumer\nversion: 1.0.0\n");
    writeFileSync(
      join(this.dir, "templates", "all.yaml"),
      objects.map((object) => this.template(object)).join("---\n"),
    );
  }

  static async open(home: PeerNamespace): Promise<Chart> {
    const { stdout } = succeeded(await home.lab.ftgo("manifests", "consumer"));
    const objects = parseAllDocuments(stdout).flatMap((document) => (document.toJS() as ServiceManifest | null) ?? []);
    const chart = new Chart(home, objects);
    await chart.upgrade(1);
    return chart;
  }

  /** The service's route, as kubectl takes it. */
  get route(): ServiceManifest {
    const found = this.objects.find(({ kind }) => kind === "VirtualService");
    if (found === undefined) throw new Error("the consumer service has no route");
    return found;
  }

  async upgrade(weight: number): Promise<void> {
    await this.helm("upgrade", "consumer", this.dir, "--install", "--set", `weight=${weight}`);
  }

  async rollback(): Promise<void> {
    await this.helm("rollback", "consumer");
  }

  private async helm(...args: string[]): Promise<void> {
    const { lab, access } = this.home;
    const { helm } = await ensureTools(["helm"], () => undefined);
    await execa(helm, [...args, ...access], { env: lab.variables });
  }

  private template(object: ServiceManifest): string {
    const metadata = { ...object.metadata, namespace: this.home.name };
    if (object.kind !== "VirtualService") return `${JSON.stringify({ ...object, metadata })}\n`;
    const http = object.spec.http.map((part) => ({
      ...part,
      route: part.route.map((target, index) => ({ ...target, weight: `WEIGHT ${index}` })),
    }));
    const text = JSON.stringify({ ...object, metadata, spec: { ...object.spec, http } });
    return `${text.replace(/"WEIGHT (\d)"/g, (_, index: string) => weights[Number(index)] ?? "")}\n`;
  }
}
