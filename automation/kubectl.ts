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
  access: ClusterAccess,
  env: NodeJS.ProcessEnv,
): Promise<KubernetesObject[]> {
  const result = await kubectl(["get", kinds, "--namespace", namespace, "--output", "json"], access, env);
  return result === undefined ? [] : (JSON.parse(result) as { items: KubernetesObject[] }).items;
}

/** Deletes the objects of one kind that have these labels. @throws as getObjects */
export async function deleteObjects(
  kind: string,
  { namespace, selector }: { readonly namespace: string; readonly selector: string },
  access: ClusterAccess,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await kubectl(["delete", kind, "--namespace", namespace, "--selector", selector], access, env);
}

/** @returns what kubectl prints, undefined when the cluster does not know the kind */
async function kubectl(
  args: readonly string[],
  { kubeconfig, context }: ClusterAccess,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const cluster = ["--kubeconfig", kubeconfig, "--context", context, "--request-timeout", "10s"];
  const result = await execa("kubectl", [...cluster, ...args], { env, extendEnv: false, reject: false });
  if (!result.failed) return result.stdout;
  if (result.code === "ENOENT")
    throw new MissingError("there is no `kubectl` on PATH; `npx ftgo doctor` says how to get it");
  if (/the server doesn't have a resource type|no matches for kind/.test(result.stderr)) return undefined;
  if (
    /refused|Unable to connect|timed out|no such host|deadline exceeded|does not exist|no such file/i.test(
      result.stderr,
    )
  ) {
    const reason = result.stderr.trim().split("\n").at(-1) ?? "";
    throw new MissingError(`the cluster (context ${context}) does not answer: ${reason}`);
  }
  throw new OperationError(`kubectl ${args.slice(0, 2).join(" ")} failed\n  ${result.stderr.trim()}`);
}

function currentContext(kubeconfig: string): string {
  return (parse(kubeconfig) as { "current-context"?: string })["current-context"] ?? "";
}
