import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { releaseType } from "../automation/mesh-release";
import { ensureTools } from "../local";
import { type Platform, succeeded } from "../test/engine/platform-lab";

/** A Kubernetes object as kubectl takes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

interface State {
  readonly deployment: { readonly resources: readonly Resource[] };
}

interface Resource {
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Manifest;
}

/** The objects that a stack has made. Secrets are left out: the export does not tell them. */
export async function stackObjects(lab: Platform): Promise<Manifest[]> {
  const { stdout } = succeeded(await lab.pulumi("stack", "export"));
  const { resources } = (JSON.parse(stdout) as State).deployment;
  const releases = resources.filter(({ type }) => type === releaseType);
  const own = resources.flatMap(({ type, id, inputs }) =>
    id !== undefined && inputs?.metadata !== undefined && type.startsWith("kubernetes:") && inputs.kind !== "Secret"
      ? [inputs]
      : [],
  );
  return [...own, ...(await Promise.all(releases.map(({ id = "" }) => releaseObjects(lab, id)))).flat()];
}

/** @param id namespace and name */
async function releaseObjects(lab: Platform, id: string): Promise<Manifest[]> {
  const [namespace = "", name = ""] = id.split("/");
  const { helm } = await ensureTools(["helm"], () => undefined);
  const kubeconfig = join(lab.dir, ".ftgo", "kubeconfig");
  const { stdout } = await execa(helm, ["get", "manifest", name, "--namespace", namespace, "--kubeconfig", kubeconfig]);
  return parseAllDocuments(stdout).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
}

/** Writes objects to a file of the lab. @returns its path */
export function writeObjects(lab: Platform, name: string, objects: readonly Manifest[]): string {
  const file = join(lab.dir, `${name}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  return file;
}
