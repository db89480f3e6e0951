import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { ClusterConfig } from "../components/config";
import { MissingError, OperationError } from "./errors";

/** A cluster, named by file and context: what the shell happens to point at is never used. */
export interface ClusterAccess {
  readonly kubeconfig: string;
  readonly context: string;
}

/**
 * Calls `use` with the way to a stack's cluster.
 * @param secretKubeconfig gives the kubeconfig of a cluster that the stack itself makes; kept in a file only meanwhile
 */
export async function withCluster<T>(
  projectDir: string,
  cluster: ClusterConfig,
  secretKubeconfig: () => Promise<string | undefined>,
  use: (access: ClusterAccess) => Promise<T>,
): Promise<T> {
  switch (cluster.kind) {
    case "embedded": {
      const kubeconfig = join(projectDir, ".ftgo", "kubeconfig");
      if (!existsSync(kubeconfig))
        throw new MissingError("the local cluster is not running; start it with `npx ftgo local start`");
      return use({ kubeconfig, context: currentContext(readFileSync(kubeconfig, "utf8")) });
    }
    case "kubeconfig":
      return use({ kubeconfig: cluster.path ?? join(homedir(), ".kube", "config"), context: cluster.context });
    case "eks": {
      const content = await secretKubeconfig();
      if (content === undefined)
        throw new MissingError(`cluster ${cluster.name} does not exist yet; \`ftgo up\` makes it`);
      const folder = mkdtempSync(join(tmpdir(), "ftgo-"));
      try {
        const kubeconfig = join(folder, "kubeconfig");
        writeFileSync(kubeconfig, content, { mode: 0o600 });
        return await use({ kubeconfig, context: currentContext(content) });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}

/** One object as the API server has it; only what is read here is typed. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/**
 * The objects of some kinds in a namespace; empty when the cluster does not know the kind.
 * @throws MissingError when there is no kubectl or the cluster does not answer
 */
export async function getObjects(
  kinds: string,
  namespace: string,
  { kubeconfig, context }: ClusterAccess,
  env: NodeJS.ProcessEnv,
): Promise<KubernetesObject[]> {
  const cluster = ["--kubeconfig", kubeconfig, "--context", context];
  const args = [...cluster, "--namespace", namespace, "--request-timeout", "10s", "get", kinds, "--output", "json"];
  const result = await execa("kubectl", args, { env, extendEnv: false, reject: false });
  if (!result.failed) return (JSON.parse(result.stdout) as { items: KubernetesObject[] }).items;
  if (result.code === "ENOENT")
    throw new MissingError("there is no `kubectl` on PATH; `npx ftgo doctor` says how to get it");
  if (/the server doesn't have a resource type|no matches for kind/.test(result.stderr)) return [];
  if (
    /refused|Unable to connect|timed out|no such host|deadline exceeded|does not exist|no such file/i.test(
      result.stderr,
    )
  ) {
    const reason = result.stderr.trim().split("\n").at(-1) ?? "";
    throw new MissingError(`the cluster (context ${context}) does not answer: ${reason}`);
  }
  throw new OperationError(`kubectl get ${kinds} failed\n  ${result.stderr.trim()}`);
}

function currentContext(kubeconfig: string): string {
  return (parse(kubeconfig) as { "current-context"?: string })["current-context"] ?? "";
}
