import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { sourcesOf } from "./build";
import { chartsFolder, workFolder } from "./cache";

const sources = { base: "base", istiod: join("istio-control", "istio-discovery") };

/** What a sidecar's Envoy is started with, but for what is its own. */
export function bootstrapTemplate(): string {
  return join(chartsFolder(), "envoy_bootstrap.json");
}

export function chartsObtained(): boolean {
  return existsSync(bootstrapTemplate());
}

/** Takes Istio's charts, and the template, out of its Go module. Call it only while holding the lock of the cache. */
export async function obtainCharts(): Promise<void> {
  const work = join(workFolder(), "charts");
  mkdirSync(work, { recursive: true });
  const module = await sourcesOf("istio.io/istio", "istio", work);
  const made = join(work, "charts");
  for (const [name, path] of Object.entries(sources))
    cpSync(join(module, "manifests", "charts", path), join(made, name), { recursive: true });
  cpSync(join(module, "tools", "packaging", "common", "envoy_bootstrap.json"), join(made, "envoy_bootstrap.json"));
  makeWritable(made); // files of the module cache are read-only, and so would be the copies
  mkdirSync(dirname(chartsFolder()), { recursive: true });
  rmSync(chartsFolder(), { recursive: true, force: true });
  renameSync(made, chartsFolder());
}

function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeWritable(path);
    else chmodSync(path, 0o644);
  }
}
