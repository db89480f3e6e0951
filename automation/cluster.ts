import { execFile, type ExecFileException } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { type ClusterConfig, kubeconfigFile } from "../components/config";
import { AutomationError, MissingError, OperationError } from "./errors";

/** One object as the API server has it; only what is read here is typed. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly unknown[];
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Objects of one namespace, by their labels. */
export interface Selection {
  readonly namespace: string;
  /** As kubectl takes it. */
  readonly selector: string;
}

interface ClusterArgs {
  readonly projectDir: string;
  readonly config: ClusterConfig;
  /** The whole environment of kubectl. */
  readonly env: NodeJS.ProcessEnv;
  /** Gives the kubeconfig of a cluster that the stack itself makes, once it does. */
  readonly secretKubeconfig: () => Promise<string | undefined>;
}

const run = promisify(execFile);

/** A cluster as a file and a context name it: what the shell happens to point at is never used. */
interface Access {
  readonly kubeconfig: string;
  readonly context: string;
}

/**
 * The cluster of a stack, by kubectl. Its methods throw MissingError when there is no kubectl or the cluster does not answer.
 */
export class Cluster {
  private asked: Promise<string | undefined> | undefined;

  constructor(private readonly args: ClusterArgs) {}

  /**
   * The objects of some kinds in a namespace; none of a kind that the cluster does not know.
   * @param args more of `kubectl get`. @default none
   */
  async get(kinds: readonly string[], namespace: string, args: readonly string[] = []): Promise<KubernetesObject[]> {
    const text = await this.kubectl("get", kinds.join(), "--namespace", namespace, "--output", "json", ...args);
    if (text !== undefined) return (JSON.parse(text) as { items: KubernetesObject[] }).items;
    if (kinds.length === 1) return [];
    // One that it does not know hides the others.
    const each = await Promise.allSettled(kinds.map((kind) => this.get([kind], namespace, args)));
    // Only now: whoever is told of an error may end the process, and what the others have beside it would stay.
    return each.flatMap((one) => {
      if (one.status === "rejected") throw one.reason as Error;
      return one.value;
    });
  }

  /** Deletes the objects of one kind. */
  async delete(kind: string, { namespace, selector }: Selection): Promise<void> {
    await this.kubectl("delete", kind, "--namespace", namespace, "--selector", selector, "--wait=false");
  }

  /** How many of these objects of one kind there are. */
  async existing(kind: string, names: readonly string[], namespace?: string): Promise<number> {
    const where = namespace === undefined ? [] : ["--namespace", namespace];
    const text = await this.kubectl("get", kind, ...names, ...where, "--ignore-not-found", "--output", "name");
    return (text ?? "").split("\n").filter((line) => line !== "").length;
  }

  /**
   * Where the gateway is reached from this machine, when the cluster is embedded and has a port of the machine for it: the
   * address that its Service has is of use only inside.
   */
  get gatewayUrl(): string | undefined {
    const { config, projectDir } = this.args;
    const file = join(projectDir, ".ftgo", "gateway-url");
    return config.kind === "embedded" && existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  }

  /** One object, with who has set its fields; undefined when it is not there. @param name kind and name, with a slash between */
  async find(name: string, namespace: string): Promise<KubernetesObject | undefined> {
    const args = ["--namespace", namespace, "--show-managed-fields", "--ignore-not-found", "--output", "json"];
    const text = (await this.kubectl("get", name, ...args)) ?? "";
    return text === "" ? undefined : (JSON.parse(text) as KubernetesObject);
  }

  /**
   * Changes an object's metadata alone.
   * @throws OperationError with "(Conflict)" when it has another `resourceVersion` than is given
   */
  async patchMetadata(name: string, namespace: string, metadata: object): Promise<void> {
    // What admission changes in it on the way counts as this manager's, who is no person.
    const args = ["--type", "merge", "--field-manager", "pulumi-ftgo", "--patch", JSON.stringify({ metadata })];
    await this.kubectl("patch", name, "--namespace", namespace, ...args);
  }

  /** @returns what kubectl prints, undefined when the cluster does not know the kind */
  private kubectl(...args: string[]): Promise<string | undefined> {
    const { env } = this.args;
    return this.reach(async ({ kubeconfig, context }) => {
      const cluster = ["--kubeconfig", kubeconfig, "--context", context, "--request-timeout", "10s"];
      try {
        return (await run("kubectl", [...cluster, ...args], { env, maxBuffer: Infinity })).stdout;
      } catch (error) {
        const { code, stderr = "", message } = error as ExecFileException;
        if ((code as unknown) === "ENOENT")
          throw new MissingError("there is no `kubectl` on PATH; install it: https://kubernetes.io/docs/tasks/tools");
        const said = stderr.trim() || message;
        if (/the server doesn't have a resource type|no matches for kind/.test(said)) return undefined;
        if (noAnswer.test(said))
          throw new MissingError(`the cluster (context ${context}) does not answer: ${said.split("\n").at(-1) ?? ""}`);
        throw new OperationError(`kubectl ${args.slice(0, 2).join(" ")} failed\n  ${said}`);
      }
    });
  }

  /** Asked for once, also for several at a time, until there is one: the engine takes a second to answer. */
  private async secretKubeconfig(): Promise<string | undefined> {
    this.asked ??= this.args.secretKubeconfig();
    let content: string | undefined;
    try {
      return (content = await this.asked);
    } finally {
      if (content === undefined) this.asked = undefined;
    }
  }

  /** Calls `use` with the way to the cluster. A secret kubeconfig is in a file only meanwhile. */
  private async reach<T>(use: (access: Access) => Promise<T>): Promise<T> {
    const { projectDir, config } = this.args;
    switch (config.kind) {
      case "embedded": {
        const kubeconfig = join(projectDir, ".ftgo", "kubeconfig");
        if (!existsSync(kubeconfig))
          throw new MissingError("the local cluster is not running; start it with `npx ftgo local start`");
        return use({ kubeconfig, context: currentContext(readFileSync(kubeconfig, "utf8")) });
      }
      case "kubeconfig":
        return use({
          kubeconfig: kubeconfigFile(config, projectDir),
          context: config.context,
        });
      case "eks": {
        const content = await this.secretKubeconfig();
        if (content === undefined)
          throw new MissingError(`cluster ${config.name} does not exist yet; \`ftgo up\` makes it`);
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
}

/**
 * For what can go on without an answer.
 * @param tell told why there is none. @default nobody
 * @returns undefined when the cluster, or the engine, does not do what it is asked for
 */
export async function ifAnswered<T>(ask: () => Promise<T>, tell?: (why: string) => void): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AutomationError)) throw error;
    tell?.(error.message);
    return undefined;
  }
}

const noAnswer = /refused|Unable to connect|timed out|no such host|deadline exceeded|does not exist|no such file/i;

function currentContext(kubeconfig: string): string {
  return (parse(kubeconfig) as { "current-context"?: string })["current-context"] ?? "";
}
