import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ConfigError, defineService } from "../../../components/config";
import { service, type ServiceInput } from "../../../components/config/service";
import * as local from "../../../local";
import { arbitraryOf } from "../../arbitrary";
import { clusterObjects, runProgram } from "../../unit/ftgo-program";
import { type Platform, platform } from "../platform-lab";

/** How many services are tried; `npm run soak:objects` tries more. */
const count = Number(process.env["FTGO_RUNS"] ?? 60);

/** For keys that take any text. */
const texts = fc.constantFrom("v1", "v2", "data", "some text: \"a\", 'b'\n# é", "/a", "");

const services = (arbitraryOf(service, texts) as fc.Arbitrary<ServiceInput>).filter(isAccepted);

function isAccepted(given: ServiceInput): boolean {
  try {
    // Its name and port would be another's, and its neighbours not there.
    const { name, placement, expose } = given;
    if (name !== undefined || placement?.near || placement?.apart || expose?.kind === "NodePort") return false;
    defineService("any", given);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

type KubeObject = Record<string, unknown> & { kind: string; metadata: { name: string } };

/** What the program would make in the cluster, and a pod of each Deployment, which admission looks at by itself. */
async function objectsOf(given: Record<string, ServiceInput>): Promise<KubeObject[]> {
  const recording = await runProgram({ services: given });
  const made = clusterObjects(recording).map(({ inputs }) => inputs as KubeObject);
  const own = made.filter(({ metadata }) => metadata.name.startsWith("any-"));
  const pods = own.flatMap(({ kind, metadata, spec }) => {
    if (kind !== "Deployment") return [];
    const { template } = spec as { template: { metadata: object; spec: object } };
    return [
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...template.metadata, name: `${metadata.name}-pod`, namespace: "ftgo" },
        spec: { ...template.spec, serviceAccountName: "default" },
      },
    ];
  });
  return [...own, ...pods];
}

describe("Any service that config accepts", () => {
  let lab: Platform;
  let file: string;
  let given: Record<string, ServiceInput>;

  before(async () => {
    lab = await platform();
    await lab.ensureUp();
    file = join(lab.dir, "objects.json");
    given = Object.fromEntries(fc.sample(services, count).map((each, index) => [`any-${index}`, each]));
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: await objectsOf(given) }));
  });

  it("makes objects that the API server and the mesh's webhooks accept", () => {
    const args = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", file];
    const { stdout, stderr } = spawnSync(lab.tool("kubectl"), [...lab.access, ...args], { encoding: "utf8" });
    const problems = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Warning:"));
    const guilty = problems.map((line) => `${line}\n  ${JSON.stringify(given[/any-\d+/.exec(line)?.[0] ?? ""])}`);
    assert.deepEqual(guilty, []);
    assert.ok(stdout.split("\n").length > count * 4);
  });

  it("makes objects in which `istioctl analyze` finds nothing", async () => {
    const { istioctl } = await local.ensureTools(["istioctl"], () => undefined);
    const args = ["analyze", "--use-kube=false", "--namespace", "ftgo", "--failure-threshold", "Warning", file];
    const { stdout, stderr, status } = spawnSync(istioctl, args, { encoding: "utf8" });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
