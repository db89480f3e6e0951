import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { field, isFields, list, text } from "./wire";
import type { Fields, Value } from "./wire";

/** How to reach one cluster. */
export interface Connection {
  server: string;
  ca?: string;
  insecure: boolean;
  serverName?: string;
  token?: string;
  username?: string;
  password?: string;
  certificate?: string;
  key?: string;
  /** Namespace of the context. */
  namespace?: string;
}

export interface KubeconfigChoice {
  /** Content in YAML or JSON, or the path of a file. */
  kubeconfig: string;
  context?: string;
  cluster?: string;
}

const howToConfigure =
  'Set "kubeconfig" on the provider: its content or the path of the file. The offline stand-in never uses ' +
  "KUBECONFIG or ~/.kube/config, so that it cannot reach a cluster that nobody named.";

/** Reads a kubeconfig; every way in which it is not usable is an error that says what to change. */
export function connectionOf(choice: KubeconfigChoice): Connection {
  if (choice.kubeconfig.trim() === "") throw new Error(`no kubeconfig is configured. ${howToConfigure}`);
  const { content, directory, origin } = load(choice.kubeconfig);
  const contextName = choice.context ?? text(content, "current-context");
  if (!contextName) throw new Error(`${origin} has no current-context; set "context" on the provider`);
  const context = named(content, "contexts", contextName, origin);
  const clusterName = choice.cluster ?? text(context, "context", "cluster") ?? "";
  const cluster = field(named(content, "clusters", clusterName, origin), "cluster");
  const server = text(cluster, "server");
  if (!server) throw new Error(`cluster "${clusterName}" of ${origin} has no server`);
  const userName = text(context, "context", "user");
  const user = userName ? field(named(content, "users", userName, origin), "user") : undefined;
  if (field(user, "exec") !== undefined || field(user, "auth-provider") !== undefined)
    throw new Error(
      `user "${userName ?? ""}" of ${origin} gets its credentials from a command, which the offline stand-in does not ` +
        "run; use a token or a client certificate",
    );
  const tokenFile = text(user, "tokenFile");
  return {
    server: server.replace(/\/+$/, ""),
    ca: pem(cluster, "certificate-authority", directory),
    insecure: field(cluster, "insecure-skip-tls-verify") === true,
    serverName: text(cluster, "tls-server-name"),
    token: tokenFile ? readFileSync(path.resolve(directory, tokenFile), "utf8").trim() : text(user, "token"),
    username: text(user, "username"),
    password: text(user, "password"),
    certificate: pem(user, "client-certificate", directory),
    key: pem(user, "client-key", directory),
    namespace: text(context, "context", "namespace"),
  };
}

function load(pathOrContent: string): { content: Fields; directory: string; origin: string } {
  const file = existing(pathOrContent.replace(/^~(?=\/|$)/, homedir()));
  let content: unknown;
  try {
    content = parse(file ? readFileSync(file, "utf8") : pathOrContent);
  } catch {
    // The parser's own message would quote the file, which holds credentials.
    throw new Error(`${file ? `kubeconfig ${file}` : "the kubeconfig"} is neither YAML nor JSON`);
  }
  if (!isFields(content)) {
    const what = /^[/.~][^\n]*$/.test(pathOrContent) ? `kubeconfig ${pathOrContent}` : "the kubeconfig";
    throw new Error(`${what} is neither a file that exists nor the content of one. ${howToConfigure}`);
  }
  return {
    content,
    directory: file ? path.dirname(path.resolve(file)) : process.cwd(),
    origin: file ? `kubeconfig ${file}` : "the kubeconfig",
  };
}

function existing(file: string): string | undefined {
  if (file.includes("\n")) return undefined;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}

function named(content: Fields, section: string, name: string, origin: string): Value {
  const entries = list(content, section);
  const found = entries.find((entry) => field(entry, "name") === name);
  if (found !== undefined) return found;
  const known = entries.map((entry) => text(entry, "name") ?? "").filter((entry) => entry !== "");
  throw new Error(`${origin} has no entry "${name}" under ${section}; it has ${known.join(", ") || "none"}`);
}

/** A certificate or key, given as base64 in `<name>-data` or as a file in `<name>`. */
function pem(section: Value | undefined, name: string, directory: string): string | undefined {
  const data = text(section, `${name}-data`);
  if (data) return Buffer.from(data, "base64").toString("utf8");
  const file = text(section, name);
  return file ? readFileSync(path.resolve(directory, file), "utf8") : undefined;
}
