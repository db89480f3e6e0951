import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { searchPath, writeWhole } from "../files";
import type { Launch, ProgramArgs } from "./programs";
import { accountKubeconfig } from "./service-account";

interface Config {
  scrape_configs?: { kubernetes_sd_configs?: { kubeconfig_file?: string }[] }[];
}

/**
 * The real Prometheus, with the arguments of its container. Its files are below its working folder, and so is a copy of its
 * config that says where the API server is: in a container it would find out by itself.
 */
export async function prometheus({ paths, tools, pod, args, env, root }: ProgramArgs): Promise<Launch> {
  const kubeconfig = await accountKubeconfig(pod, paths, root);
  const file = join(root, "config.yml");
  return {
    command: tools["prometheus"] ?? "",
    args: args.map((arg) => {
      const [option = "", value = ""] = arg.split("=");
      if (!value.startsWith("/")) return arg;
      if (option !== "--config.file") return `${option}=${join(root, value)}`;
      writeWhole(file, withKubeconfig(readFileSync(join(root, value), "utf8"), kubeconfig), 0o644);
      return `${option}=${file}`;
    }),
    env: { PATH: searchPath(), ...env },
  };
}

function withKubeconfig(text: string, kubeconfig: string): string {
  const config = parse(text) as Config;
  for (const { kubernetes_sd_configs: found = [] } of config.scrape_configs ?? [])
    for (const each of found) each.kubeconfig_file = kubeconfig;
  return stringify(config);
}
