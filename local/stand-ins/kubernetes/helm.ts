import { spawn } from "node:child_process";
import type { Cluster } from "./cluster";
import { Unreachable } from "./http-client";
import { decode } from "./manifests";
import type { Provider } from "./resource";
import { isFields, list, text } from "./wire";
import type { Fields } from "./wire";

/** Inputs of a chart that are honoured here. */
const honoured = ["chart", "name", "namespace", "repositoryOpts", "resourcePrefix", "skipCrds", "values", "version"];

/** Renders a chart with the `helm` on PATH and returns the objects in it. @param logicalName the release's, if it has none */
export async function renderChart(inputs: Fields, logicalName: string, provider: Provider): Promise<Fields[]> {
  const other = Object.keys(inputs).find((name) => !honoured.includes(name));
  if (other !== undefined) throw new Error(`${other} of a chart is not part of the offline stand-in`);
  const { cluster } = provider;
  const namespace = text(inputs, "namespace") ?? provider.namespace;
  const release = text(inputs, "name") ?? logicalName;
  const args = ["template", release, ...chartArguments(inputs), "--namespace", namespace];
  // Values come through stdin: arguments are visible to every user, and values hold secrets.
  const manifest = await runHelm(
    [...args, "--no-hooks", "--values", "-", ...(await capabilities(cluster))],
    JSON.stringify(inputs["values"] ?? {}),
  );
  return decode(manifest, namespace, cluster);
}

function chartArguments(inputs: Fields): string[] {
  const { repo, ...others } = isFields(inputs["repositoryOpts"]) ? inputs["repositoryOpts"] : {};
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`repositoryOpts.${other} of a chart is not part of the offline stand-in`);
  const version = text(inputs, "version");
  return [
    text(inputs, "chart") ?? "",
    ...(inputs["skipCrds"] === true ? [] : ["--include-crds"]),
    ...(typeof repo === "string" ? ["--repo", repo] : []),
    ...(version ? ["--version", version] : []),
  ];
}

/** What the chart is told about the cluster. */
async function capabilities(cluster: Cluster): Promise<string[]> {
  try {
    const [version, apiVersions] = await Promise.all([
      cluster.http.send({ path: "/version" }),
      servedVersions(cluster),
    ]);
    return ["--kube-version", text(version, "gitVersion") ?? "", "--api-versions", apiVersions.join(",")];
  } catch (error) {
    if (error instanceof Unreachable) return [];
    throw error;
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
