import { delimiter, dirname, join } from "node:path";
import type { ApiClient } from "../cluster/api-client";
import { searchPath } from "../files";
import type { ProjectPaths } from "../paths";
import { istiod } from "./istiod";
import type { Container, Pod } from "./pod";
import { prometheus } from "./prometheus";

/** What is known when a container's program is to be started. */
export interface ProgramArgs {
  api: ApiClient;
  paths: ProjectPaths;
  /** Paths of the executables by name, and of `envoy-bootstrap`, the template of what Envoy is started with. */
  tools: Record<string, string>;
  pod: Pod;
  container: Container;
  /** The container's, expanded. */
  args: string[];
  env: Record<string, string>;
  /** The container's working folder. */
  root: string;
  /** Comes when the container is not to be started again. */
  signal: AbortSignal;
}

/** How to start it. */
export interface Launch {
  command: string;
  args: string[];
  env: Record<string, string>;
}

type Program = (args: ProgramArgs) => Launch | Promise<Launch>;

/** Programs by the last path segment of the images that they stand in for, without its tag. */
const table: { image: RegExp; isTraffic: boolean; isMain: boolean; program: Program }[] = [
  { image: /^pilot$/, isTraffic: false, isMain: true, program: istiod },
  { image: /^ftgo-/, isTraffic: true, isMain: true, program: application },
  { image: /^prometheus$/, isTraffic: true, isMain: true, program: prometheus },
  { image: /^opentelemetry-collector$/, isTraffic: true, isMain: true, program: collector },
  // Only beside an application that runs, too.
  { image: /^proxyv2$/, isTraffic: true, isMain: false, program: proxy },
];

/** The program of an image; undefined when it has none, and is only shown. @param traffic whether applications run */
export function programOf(image: string, traffic: boolean): Program | undefined {
  return table.find((entry) => entry.image.test(imageName(image)) && (traffic || !entry.isTraffic))?.program;
}

/** The images whose pods the kubelet's stand-in runs; all others are KWOK's. */
function imagesOfOurs(traffic: boolean): RegExp[] {
  return table.filter(({ isMain, isTraffic }) => isMain && (traffic || !isTraffic)).map(({ image }) => image);
}

/** The same as one regular expression. */
export function patternOfOurs(traffic: boolean): string {
  return imagesOfOurs(traffic)
    .map(({ source }) => source)
    .join("|");
}

/** Whether the kubelet's stand-in runs a pod. */
export function isOurs({ spec }: Pod, traffic: boolean): boolean {
  const images = imagesOfOurs(traffic);
  return spec.containers.some(({ image }) => images.some((pattern) => pattern.test(imageName(image))));
}

/** `docker.io/istio/pilot:1.31.0` is `pilot`. */
function imageName(image: string): string {
  return /[^:@]+/.exec(image.split("/").at(-1) ?? "")?.[0] ?? "";
}

/** Where the exec hooks and probes of containers find their commands. */
export function pathOf(tools: Record<string, string>): string {
  const folders = ["pilot-agent", "iptables"].flatMap((name) => (tools[name] ? [dirname(tools[name])] : []));
  return [...folders, searchPath()].join(delimiter);
}

/** The real agent of a sidecar, which starts the real Envoy; as an init container it sets the pod's rules of iptables. */
function proxy({ tools, args, env }: ProgramArgs): Launch {
  const config = JSON.parse(env["PROXY_CONFIG"] ?? "{}") as object;
  return {
    command: tools["pilot-agent"] ?? "",
    args: args[0] === "proxy" ? [...args, `--templateFile=${tools["envoy-bootstrap"]}`] : args,
    env: { ...env, PATH: pathOf(tools), PROXY_CONFIG: JSON.stringify({ ...config, binaryPath: tools["envoy"] }) },
  };
}

/**
 * The real collector of spans. Its files are below its working folder. It insists on finding itself in /proc, which is the host's,
 * where it has another number than it knows itself by.
 */
function collector({ tools, args, env, root }: ProgramArgs): Launch {
  const inRoot = args.map((arg) => arg.replace("=/", `=${root}/`));
  const findItself = 'mkdir -p proc && ln -sfn /proc/self "proc/$$" && ln -sfn /proc/stat proc/stat && exec "$0" "$@"';
  return {
    command: "sh",
    args: ["-c", findItself, tools["otel-collector"] ?? "", ...inRoot],
    env: { ...env, PATH: searchPath(), HOST_PROC: join(root, "proc") },
  };
}

/** Stands in for an application of FTGO's. */
function application({ pod, container, env }: ProgramArgs): Launch {
  const tag = /:([^:/]+)$/.exec(container.image)?.[1] ?? "latest";
  return {
    command: process.execPath,
    args: ["--require", join(__dirname, "..", "..", "loader.js"), join(__dirname, "..", "application", "server.ts")],
    env: {
      ...env,
      PATH: searchPath(),
      APPLICATION_SERVICE: container.name,
      APPLICATION_VERSION: pod.metadata.labels?.["version"] ?? tag,
      APPLICATION_TAG: tag,
      APPLICATION_POD: pod.metadata.name,
      APPLICATION_PORT: String(container.ports?.[0]?.containerPort ?? 8080),
    },
  };
}
