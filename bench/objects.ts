import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Platform, succeeded } from "../test/engine/platform-lab";

/** A Kubernetes object as kubectl takes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

interface State {
  readonly deployment: {
    readonly resources: readonly { readonly type: string; readonly id?: string; readonly inputs?: Manifest }[];
  };
}

/** The objects that a stack has made. Secrets are left out: the export does not tell them. */
export async function stackObjects(lab: Platform): Promise<Manifest[]> {
  const { stdout } = succeeded(await lab.pulumi("stack", "export"));
  return (JSON.parse(stdout) as State).deployment.resources.flatMap(({ type, id, inputs }) =>
    id !== undefined && inputs?.metadata !== undefined && type.startsWith("kubernetes:") && inputs.kind !== "Secret"
      ? [inputs]
      : [],
  );
}

/** Writes objects to a file of the lab. @returns its path */
export function writeObjects(lab: Platform, name: string, objects: readonly Manifest[]): string {
  const file = join(lab.dir, `${name}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  return file;
}
