import type { Command } from "commander";
import { printManifests, serviceManifests } from "../manifests";
import { findService } from "../release";
import { readStackFile, toEnvironment } from "../stack-file";
import type { Context } from "./context";
import { define, handle } from "./run";

/** `ftgo manifests` */
export function manifestsCommand(context: Context): Command {
  return define("manifests", "Print a service's Kubernetes objects as YAML, secret values withheld; needs no cluster", [
    "ftgo manifests consumer",
    "ftgo manifests consumer | istioctl kube-inject -f - | kubectl apply -f -",
  ])
    .argument("<service>", "key under `services` in the stack file")
    .action(
      handle(context, async (run, key: string) => {
        const file = readStackFile(context.projectDir, run.stack);
        const service = findService(toEnvironment(file), key);
        const manifests = await serviceManifests(context.projectDir, file, service);
        const json = { apiVersion: "v1", kind: "List", items: manifests.objects };
        return { text: printManifests(manifests), json };
      }),
    );
}
