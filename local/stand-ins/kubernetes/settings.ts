import { connectionOf } from "./kubeconfig";
import type { Connection } from "./kubeconfig";
import { hasUnknown, isFields, plain } from "./wire";
import type { Fields, Value } from "./wire";

/** The provider's configuration, as far as it is honoured here; everything else is accepted and ignored. */
export interface Settings {
  kubeconfig: string;
  context?: string;
  cluster?: string;
  /** Namespace of namespaced objects that name none. */
  namespace?: string;
  clusterIdentifier?: string;
  /** Forget objects of a cluster that does not answer. Default: false. */
  deleteUnreachable: boolean;
  /** Take fields from other managers, on every object. Default: false. */
  enablePatchForce: boolean;
  /** Take over an object that exists already instead of failing to create it. Default: false. */
  upsertExistingObjects: boolean;
  /** Change the data of ConfigMaps in place. Default: false. */
  enableConfigMapMutable: boolean;
  /** Change the data of Secrets in place. Default: false. */
  enableSecretMutable: boolean;
}

/** Reads the arguments of `kubernetes.Provider`; the SDK sends what is not a string as JSON. */
export function settingsOf(configured: Fields): Settings {
  const args = plain(configured);
  const string = (name: string): string | undefined => {
    const value = args[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const flag = (name: string): boolean => args[name] === true || args[name] === "true";
  if (args["enableServerSideApply"] === false || args["enableServerSideApply"] === "false")
    throw new Error(
      "enableServerSideApply: false is not part of the offline stand-in; it always applies on the server",
    );
  if (string("renderYamlToDirectory"))
    throw new Error("renderYamlToDirectory is not part of the offline stand-in for pulumi-resource-kubernetes");
  return {
    kubeconfig: contentOf(args["kubeconfig"]),
    context: string("context"),
    cluster: string("cluster"),
    namespace: string("namespace"),
    clusterIdentifier: string("clusterIdentifier"),
    deleteUnreachable: flag("deleteUnreachable"),
    enablePatchForce: flag("enablePatchForce"),
    upsertExistingObjects: flag("upsertExistingObjects"),
    enableConfigMapMutable: flag("enableConfigMapMutable"),
    enableSecretMutable: flag("enableSecretMutable"),
  };
}

function contentOf(kubeconfig: Value | undefined): string {
  return isFields(kubeconfig) ? JSON.stringify(kubeconfig) : typeof kubeconfig === "string" ? kubeconfig : "";
}

/** What changed in a provider's configuration, and what of it means another cluster. */
export interface ConfigChanges {
  changed: string[];
  replaces: string[];
}

/**
 * A provider that is replaced replaces every object with it, so only another cluster does that: another
 * clusterIdentifier if it was and is given, else another active cluster in the kubeconfig.
 */
export function configChanges(olds: Fields, news: Fields): ConfigChanges {
  const [before, after] = [plain(olds), plain(news)];
  const same = (key: string) => JSON.stringify(before[key] ?? null) === JSON.stringify(after[key] ?? null);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !same(key));
  const identified = before["clusterIdentifier"] !== undefined && after["clusterIdentifier"] !== undefined;
  if (identified) return { changed, replaces: changed.filter((key) => key === "clusterIdentifier") };
  const choosing = changed.filter((key) => ["kubeconfig", "context", "cluster"].includes(key));
  const moved = choosing.some((key) => hasUnknown(after[key])) || isAnotherCluster(before, after);
  return { changed, replaces: moved ? choosing : [] };
}

function isAnotherCluster(before: Fields, after: Fields): boolean {
  const [old, current] = [activeCluster(before), activeCluster(after)];
  return old !== undefined && current !== undefined && old.server !== current.server;
}

/** Undefined for a configuration that cannot be read: using it will say why. */
function activeCluster(args: Fields): Connection | undefined {
  try {
    return connectionOf(settingsOf(args));
  } catch {
    return undefined;
  }
}
