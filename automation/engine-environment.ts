import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "../components/config";
import { MissingError } from "./errors";

/**
 * The environment of the engine and of kubectl for one stack: this process's own, with `given` over it.
 *
 * The cluster is the one that the stack file names. An ambient KUBECONFIG never reaches the engine: the embedded cluster
 * has its own, and every other one is reached by what the program is told.
 * @throws MissingError when the stack is the local one and its environment is neither given nor in this shell
 */
export function engineEnvironment(
  projectDir: string,
  { cluster, backend }: Environment,
  given: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...given };
  delete env["KUBECONFIG"];
  env["PULUMI_SKIP_UPDATE_CHECK"] = "true";
  if (cluster.kind !== "embedded") return backend === undefined ? env : { ...env, PULUMI_BACKEND_URL: backend };
  const state = join(projectDir, ".ftgo");
  if (!isFolder(env["PULUMI_BACKEND_URL"], join(state, "backend"))) {
    throw new MissingError(
      "this shell does not have the environment of the local stack; " +
        `run \`eval "$(npx ftgo env)"\` in ${projectDir}, then this again`,
    );
  }
  // It would win over the file, and is some other stack's.
  if (env["PULUMI_CONFIG_PASSPHRASE_FILE"] === join(state, "passphrase")) delete env["PULUMI_CONFIG_PASSPHRASE"];
  return { ...env, KUBECONFIG: join(state, "kubeconfig") };
}

function isFolder(url: string | undefined, folder: string): boolean {
  if (url?.startsWith("file:///") !== true) return false;
  const path = fileURLToPath(url);
  return existsSync(path) && existsSync(folder) && realpathSync(path) === realpathSync(folder);
}
