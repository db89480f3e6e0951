import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "../components/config";
import { MissingError } from "./errors";

/**
 * The environment of the engine and of kubectl for one stack: this process's own, with `given` over it.
 *
 * The cluster is the one that the stack file names. An ambient KUBECONFIG never reaches the engine: the embedded cluster
 * has its own, and every other one is reached by what the program is told. kubectl keeps its cache in the checkout, and a
 * person's preferences for it do not change what it is asked for.
 * @param given undefined takes a variable away
 * @throws MissingError when the stack is the local one and its environment is neither given nor in this shell
 */
export function engineEnvironment(
  projectDir: string,
  { cluster, backend }: Environment,
  given: Readonly<NodeJS.ProcessEnv> = {},
): NodeJS.ProcessEnv {
  const state = join(projectDir, ".ftgo");
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...given,
    KUBECACHEDIR: join(state, "home", "kube"),
    KUBERC: "off",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // An object of a chart cannot say itself that config wins over other hands, among them an update that was killed.
    PULUMI_K8S_ENABLE_PATCH_FORCE: "true",
    no_grpc_proxy: withLoopback(process.env),
  };
  delete env["KUBECONFIG"];
  // It is for the program, which runs in this process (loader.js); the engine and its plugins work as they do for plain Pulumi.
  delete env["PULUMI_DISABLE_RESOURCE_REFERENCES"];
  const hasLocalPassphrase = env["PULUMI_CONFIG_PASSPHRASE_FILE"] === join(state, "passphrase");
  const hasLocalBackend = isFolder(env["PULUMI_BACKEND_URL"], join(state, "backend"));
  if (cluster.kind !== "embedded") {
    // In the shell of the local stack: another machine would have neither its passphrase nor its state.
    if (hasLocalPassphrase) delete env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    if (hasLocalBackend) delete env["PULUMI_BACKEND_URL"];
    return backend === undefined ? env : { ...env, PULUMI_BACKEND_URL: backend };
  }
  if (!hasLocalBackend) {
    throw new MissingError(
      "this shell does not have the environment of the local stack; " +
        `run \`eval "$(npx ftgo env)"\` in ${projectDir}, then this again`,
    );
  }
  // It would win over the file, and is some other stack's.
  if (hasLocalPassphrase) delete env["PULUMI_CONFIG_PASSPHRASE"];
  return { ...env, KUBECONFIG: join(state, "kubeconfig") };
}

/**
 * Hosts that gRPC in Node reaches directly, for `no_grpc_proxy`: those that the person names, and the engine, which is on
 * loopback. Unlike Go it would ask an `http_proxy` for that one too.
 */
export function withLoopback({ no_grpc_proxy: grpc, no_proxy: others }: NodeJS.ProcessEnv): string {
  // As gRPC takes them: an empty one is as good as none.
  const given = [grpc, others].find((hosts) => hosts !== undefined && hosts !== "") ?? "";
  const named = given.split(",").filter((host) => host !== "" && host !== loopback);
  return [...named, loopback].join(",");
}

const loopback = "127.0.0.1";

function isFolder(url: string | undefined, folder: string): boolean {
  if (url?.startsWith("file:///") !== true) return false;
  const path = fileURLToPath(url);
  return existsSync(path) && existsSync(folder) && realpathSync(path) === realpathSync(folder);
}
