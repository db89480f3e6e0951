import { spawn } from "node:child_process";
import * as path from "node:path";
import type { Cluster } from "./cluster";
import { Unreachable } from "./http-client";
import { decode } from "./manifests";
import { field, list, text } from "./wire";
import type { Fields, Value } from "./wire";

/** `kubernetes:helm:template`: renders a chart with the `helm` on PATH and returns the objects in it. */
export async function renderChart(jsonOptions: string, cluster: Cluster | undefined): Promise<Value[]> {
  const options = JSON.parse(jsonOptions) as Fields;
  const namespace = text(options, "namespace");
  const manifest = await runHelm(
    [...chartArguments(options, namespace ?? "default"), ...(await capabilities(options, cluster))],
    JSON.stringify(options["values"] ?? {}),
  );
  return decode(manifest, namespace, cluster);
}

function chartArguments(options: Fields, namespace: string): string[] {
  if (text(options, "fetch_opts", "username") || text(options, "fetch_opts", "password"))
    throw new Error("credentials in fetchOpts are not part of the offline stand-in; fetch the chart and give its path");
  const release = text(options, "release_name") ?? "release";
  const chart = text(options, "chart") ?? "";
  const directory = text(options, "path");
  const repo = text(options, "repo");
  const reference = directory
    ? localChart(directory, chart)
    : repo && !chart.includes("/")
      ? `${repo}/${chart}`
      : chart;
  // Values come through stdin: arguments are visible to every user, and values hold secrets.
  const args = ["template", release, reference, "--namespace", namespace, "--values", "-"];
  if (options["skip_crd_rendering"] !== true) args.push("--include-crds");
  if (options["include_test_hook_resources"] !== true) args.push("--skip-tests");
  const version = text(options, "version") ?? text(options, "fetch_opts", "version");
  if (version && !directory) args.push("--version", version);
  if (field(options, "fetch_opts", "devel") === true) args.push("--devel");
  const flags: [string, string][] = [
    ["--repo", "repo"],
    ["--ca-file", "ca_file"],
    ["--cert-file", "cert_file"],
    ["--key-file", "key_file"],
    ["--keyring", "keyring"],
  ];
  for (const [flag, name] of flags) {
    const value = text(options, "fetch_opts", name);
    if (value) args.push(flag, value);
  }
  return args;
}

/** `path` is the chart's own folder, or the folder that holds the folder `chart`. */
function localChart(directory: string, chart: string): string {
  return chart === "" ? path.resolve(directory) : path.resolve(directory, chart);
}

/** What the chart is told about the cluster: what the options say, else what the cluster says. */
async function capabilities(options: Fields, cluster: Cluster | undefined): Promise<string[]> {
  const version = text(options, "kube_version");
  const given = list(options, "api_versions").map(String);
  try {
    const kubeVersion = version ?? (cluster && text(await cluster.http.send({ path: "/version" }), "gitVersion"));
    const apiVersions = given.length > 0 || !cluster ? given : await servedVersions(cluster);
    return [
      ...(kubeVersion ? ["--kube-version", kubeVersion] : []),
      ...(apiVersions.length > 0 ? ["--api-versions", apiVersions.join(",")] : []),
    ];
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return version ? ["--kube-version", version] : [];
  }
}

/** Each `group/version` and `group/version/Kind` that the server has, as Helm's own client would find them. */
async function servedVersions(cluster: Cluster): Promise<string[]> {
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const answers = await Promise.all(["/api", "/apis"].map((path) => cluster.http.send({ path, accept })));
  return answers
    .flatMap((answer) => list(answer, "items"))
    .flatMap((group) => {
      const prefix = text(group, "metadata", "name");
      return list(group, "versions").flatMap((version) => {
        const groupVersion = [prefix, text(version, "version") ?? ""].filter((part) => part).join("/");
        const kinds = list(version, "resources").map((entry) => text(entry, "responseKind", "kind") ?? "");
        return [groupVersion, ...kinds.map((kind) => `${groupVersion}/${kind}`)];
      });
    });
}

function runHelm(args: string[], stdin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Rendering needs no cluster, and must not find the one that the person's own kubeconfig names.
    const env = { ...process.env, KUBECONFIG: "/dev/null" };
    const child = spawn("helm", args, { env, stdio: ["pipe", "pipe", "pipe"] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code === "ENOENT" ? "helm is not on PATH; it renders charts" : error.message));
    });
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString("utf8"));
      else reject(new Error(`helm template failed: ${Buffer.concat(errors).toString("utf8").trim()}`));
    });
    child.stdin.on("error", () => undefined); // helm may end before it has read the values
    child.stdin.end(stdin);
  });
}
