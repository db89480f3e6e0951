import { join } from "node:path";
import type { Variables } from "../run";

/** Names of the variables by which the tools are led elsewhere, or do something else than their arguments say. */
const steering = /^(PULUMI_|KUBE|HELM_|ISTIO)/;

/**
 * Variables with which the tools neither read nor change what a person has in his home folder for his own stacks and
 * clusters; his own variables for them are taken away.
 * @param folder where they keep their things instead; it need not exist
 */
export function apartIn(folder: string): Variables {
  const ambient = Object.keys(process.env).filter((name) => steering.test(name));
  return {
    ...Object.fromEntries(ambient.map((name) => [name, undefined])),
    PULUMI_HOME: join(folder, "pulumi"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    KUBECONFIG: "/dev/null",
    KUBECACHEDIR: join(folder, "kube"),
    KUBERC: "off",
    HELM_CACHE_HOME: join(folder, "helm", "cache"),
    HELM_CONFIG_HOME: join(folder, "helm", "config"),
    HELM_DATA_HOME: join(folder, "helm", "data"),
  };
}
