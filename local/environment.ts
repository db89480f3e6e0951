import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isErrno } from "./errors";
import { makePrivateFolder } from "./files";
import type { ProjectPaths } from "./paths";
import { projectPaths } from "./paths";
import type { Report } from "./report";
import type { Variables } from "./run";
import type { ToolName } from "./tools";
import { apartIn, chartsFolder, ensureTools, obtained, onPath } from "./tools";

/** The tools that people use in a shell, and what they call. */
const shellTools: ToolName[] = ["pulumi", "pulumi-resource-kubernetes", "kubectl", "helm", "istioctl"];
const languageHost = "pulumi-language-nodejs";
const standIn = join(__dirname, "stand-in", languageHost);

/** Gets the tools that people use in a shell. */
export async function obtainShellTools(report: Report): Promise<void> {
  await ensureTools(shellTools, report);
}

/**
 * What a shell, or a command of ours, needs to work on the local stack and on nothing else.
 * @param report told in one line when the stand-in for the language host is used. @default - nobody is told
 */
export function environment(projectDir: string, report: Report = () => undefined): Variables {
  const paths = projectPaths(projectDir);
  mkdirSync(paths.bin, { recursive: true });
  makePrivateFolder(paths.pulumiHome);
  makePrivateFolder(paths.backend);
  for (const name of shellTools) link(join(paths.bin, name), obtained(name));
  linkCharts(projectDir);
  // istioctl wants one that is there.
  const istioConfig = join(paths.home, "istioctl.yaml");
  mkdirSync(paths.home, { recursive: true });
  if (!existsSync(istioConfig)) writeFileSync(istioConfig, "");
  const variables = {
    ...apartIn(paths.home),
    ISTIOCONFIG: istioConfig,
    PATH: [paths.bin, pathWithout(paths.bin)].join(delimiter),
    KUBECONFIG: paths.kubeconfig,
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_BACKEND_URL: pathToFileURL(paths.backend).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphrase,
  };
  const isOfficial = hasLanguageHost(variables.PATH);
  link(join(paths.bin, languageHost), isOfficial ? undefined : standIn);
  if (isOfficial) return variables;
  report(`Using this project's stand-in for ${languageHost}: the official one cannot be downloaded here.`);
  // Without it the engine tries, in vain and for seconds, to download what the state names.
  return { ...variables, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" };
}

/** The official bundle, downloaded or installed, has it beside the CLI. The stand-in on PATH is a checkout's own link. */
function hasLanguageHost(path: string): boolean {
  const pulumi = obtained("pulumi");
  if (pulumi !== undefined && existsSync(join(dirname(realpathSync(pulumi)), languageHost))) return true;
  return onPath(languageHost, path).some((file) => !realpathSync(file).endsWith(join("stand-in", languageHost)));
}

/** Shows Istio's charts under `.ftgo/charts`, once they have been obtained. */
export function linkCharts(projectDir: string): void {
  const { charts } = projectPaths(projectDir);
  mkdirSync(charts, { recursive: true });
  for (const name of ["base", "istiod"]) link(join(charts, name), join(chartsFolder(), name));
}

function pathWithout(folder: ProjectPaths["bin"]): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.filter((other) => other !== "" && other !== folder).join(delimiter);
}

/** Makes a symbolic link point to the target, or takes it away. There is one all the time, whoever else does the same. */
function link(path: string, target: string | undefined): void {
  const now = linkTarget(path);
  if (now === target) return;
  if (now === "" || target === undefined) rmSync(path, { recursive: true, force: true });
  if (target === undefined) return;
  const fresh = `${path}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, path);
}

/** Where a link points to; "" for something else, undefined for nothing. */
function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : "";
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
