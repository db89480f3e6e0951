import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import https from "node:https";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { readJson, writeWhole } from "./files";
import { projectPaths } from "./paths";
import { run } from "./run";
import { obtained, onPath } from "./tools";

/** The parts of Pulumi that no package registry has. */
export const standInNames = ["pulumi-language-nodejs", "pulumi-resource-kubernetes"] as const;
export type StandInName = (typeof standInNames)[number];

const pluginHost = "https://github.com/pulumi/pulumi-kubernetes";
const connectLimit = 3000;
const installLimit = 300_000;

/** What a download was found to be, so that it is tried once per checkout and version. */
interface Attempt {
  plugin: string;
  possible: boolean;
}

export function standInPath(name: StandInName): string {
  return join(__dirname, "stand-ins", name);
}

/**
 * The stand-ins that are needed because the official programs are not here and cannot be had.
 * @param variables the environment of the local stack
 */
export async function chooseStandIns(projectDir: string, variables: Record<string, string>): Promise<StandInName[]> {
  const { bin } = projectPaths(projectDir);
  const path = (variables["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== bin)
    .join(delimiter);
  const needed: StandInName[] = [];
  if (!hasLanguageHost(path)) needed.push("pulumi-language-nodejs");
  if (!(await hasKubernetesPlugin(projectDir, path, variables))) needed.push("pulumi-resource-kubernetes");
  return needed;
}

/** The official bundle, downloaded or installed, has it beside the CLI. */
function hasLanguageHost(path: string): boolean {
  const pulumi = obtained("pulumi");
  const beside = pulumi !== undefined && existsSync(join(dirname(realpathSync(pulumi)), "pulumi-language-nodejs"));
  return beside || officialOnPath("pulumi-language-nodejs", path);
}

async function hasKubernetesPlugin(
  projectDir: string,
  path: string,
  variables: Record<string, string>,
): Promise<boolean> {
  const { root, pulumiHome } = projectPaths(projectDir);
  if (officialOnPath("pulumi-resource-kubernetes", path)) return true;
  const plugin = `resource-kubernetes-v${sdkVersion()}`;
  const plugins = join(pulumiHome, "plugins");
  if (isInstalled(plugins, plugin)) return true;
  if (adopt(join(homedir(), ".pulumi", "plugins"), plugins, plugin)) return true;
  const record = join(root, "plugin-download.json");
  const earlier = readJson<Attempt>(record);
  if (earlier?.plugin === plugin) return earlier.possible;
  const pulumi = obtained("pulumi");
  if (pulumi === undefined) return false; // nothing can be said yet, so nothing is remembered
  const possible = (await reachable(pluginHost)) && (await install(pulumi, variables));
  writeWhole(record, JSON.stringify({ plugin, possible } satisfies Attempt));
  return possible;
}

/** A shell of another checkout has that one's links on its PATH: they are not official. */
function officialOnPath(name: StandInName, path: string): boolean {
  return onPath(name, path).some((file) => !realpathSync(file).endsWith(join("stand-ins", name)));
}

function sdkVersion(): string {
  return readJson<{ version: string }>(require.resolve("@pulumi/kubernetes/package.json"))?.version ?? "";
}

function isInstalled(plugins: string, plugin: string): boolean {
  return existsSync(join(plugins, plugin)) && readdirSync(join(plugins, plugin)).includes("pulumi-resource-kubernetes");
}

/** Uses the plugin that the user's own Pulumi has. */
function adopt(from: string, plugins: string, plugin: string): boolean {
  if (!isInstalled(from, plugin)) return false;
  mkdirSync(plugins, { recursive: true });
  symlinkSync(join(from, plugin), join(plugins, plugin));
  return true;
}

async function install(pulumi: string, variables: Record<string, string>): Promise<boolean> {
  const args = ["plugin", "install", "resource", "kubernetes", `v${sdkVersion()}`];
  return (await run(pulumi, args, { env: variables, limit: installLimit })).code === 0;
}

function reachable(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.request(url, { method: "HEAD", agent: false }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
    });
    setTimeout(() => request.destroy(), connectLimit).unref();
    request.on("error", () => resolve(false));
    request.end();
  });
}
