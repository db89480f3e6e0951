import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as local from "../../../local";
import { plain } from "../../../automation/manifests";
import { acceptedConfigs, type RawConfig } from "../../stack-configs";
import { clusterObjects, runProgram } from "../../unit/ftgo-program";
import type { Platform } from "../platform-lab";
import { platform } from "../shared-platform";

/** How many stacks are tried; `npm run soak:objects` tries more. */
const count = Number(process.env["FTGO_RUNS"] ?? 20);

interface KubeObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly ownerReferences?: readonly object[];
  };
  readonly spec?: unknown;
}

/** The stack with a place of its own in a cluster that all share: namespaces, and ports that no Service gets unasked. */
function inItsPlace({ services = {}, ...config }: RawConfig, index: number): RawConfig {
  const placed = Object.entries(services).map(([key, service], port) => {
    const expose = service["expose"] as { kind?: string } | undefined;
    return [
      key,
      expose?.kind === "NodePort" ? { ...service, expose: { ...expose, nodePort: 30_000 + port } } : service,
    ];
  });
  const namespace = `stack-${index}`;
  delete config["secrets"]; // of which a file has another form
  return {
    ...config,
    namespace,
    mesh: { ...(config["mesh"] as object | undefined), namespace: `${namespace}-mesh` },
    services: Object.fromEntries(placed) as RawConfig["services"],
  };
}

/** An owner has an id, which only a cluster would know. */
function withUids(object: KubeObject): KubeObject {
  const { ownerReferences } = object.metadata;
  if (ownerReferences === undefined) return object;
  const uid = "00000000-0000-4000-8000-000000000000";
  const owners = ownerReferences.map((owner) => ({ ...owner, uid }));
  return { ...object, metadata: { ...object.metadata, ownerReferences: owners } };
}

/** What the program would make in the cluster, and a pod of each Deployment, which admission looks at by itself. */
async function objectsOf(config: RawConfig): Promise<KubeObject[]> {
  const registered = clusterObjects(await runProgram(config));
  const made = registered.map(({ inputs }) => withUids(plain(inputs) as KubeObject));
  const pods = made.flatMap(({ kind, metadata, spec }) => {
    if (kind !== "Deployment") return [];
    const { template } = spec as { template: { metadata: object; spec: object } };
    return [
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...template.metadata, name: `${metadata.name}-pod`, namespace: metadata.namespace ?? "" },
        spec: { ...template.spec, serviceAccountName: "default" },
      },
    ];
  });
  return [...made, ...pods];
}

describe("Any stack that config accepts", () => {
  let lab: Platform;
  let file: string;
  let configs: RawConfig[];
  let objects: KubeObject[];

  const apply = (path: string, ...more: string[]) => {
    const args = [...lab.access.slice(0, 2), "apply", "--server-side", "-f", path, ...more];
    return spawnSync(lab.tool("kubectl"), args, { encoding: "utf8", maxBuffer: 1e9 });
  };
  const write = (name: string, items: readonly object[]) => {
    const path = join(lab.dir, name);
    writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    return path;
  };

  before(async () => {
    lab = await platform();
    await lab.ensureUp();
    configs = fc.sample(acceptedConfigs, count).map(inItsPlace);
    objects = [];
    for (const config of configs) objects.push(...(await objectsOf(config)));
    // A dry run in a namespace that is not there is refused, and so is a pod whose account is not.
    const namespaces = objects.filter(({ kind }) => kind === "Namespace");
    const accounts = namespaces.map(({ metadata: { name: namespace } }) => ({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace },
    }));
    const { status, stderr } = apply(write("namespaces.json", [...namespaces, ...accounts]), "--force-conflicts");
    assert.equal(status, 0, stderr);
    file = write("objects.json", objects);
  });

  after(async () => {
    const names = objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
    await lab.kubectl("delete", "--wait=false", "--ignore-not-found", "namespaces", ...names);
  });

  it("makes objects that the API server and the mesh's webhooks accept", () => {
    const { stdout, stderr } = apply(file, "--force-conflicts", "--dry-run=server");
    const problems = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Warning:"));
    const guilty = problems.map(
      (line) => `${line}\n  ${JSON.stringify(configs[Number(/stack-(\d+)/.exec(line)?.[1])])}`,
    );
    assert.deepEqual(guilty, []);
    assert.equal(stdout.trimEnd().split("\n").length, objects.length);
  });

  it("makes objects in which `istioctl analyze` finds nothing", async () => {
    const { istioctl } = await local.ensureTools(["istioctl"], () => undefined);
    const args = ["analyze", "--use-kube=false", "--all-namespaces", "--failure-threshold", "Warning", file];
    const { stdout, stderr, status } = spawnSync(istioctl, args, { encoding: "utf8", maxBuffer: 1e9 });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
