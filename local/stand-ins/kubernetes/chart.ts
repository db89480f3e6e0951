import type { ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import { renderChart } from "./helm";
import { ResourceMonitor } from "./monitor";
import { idOf } from "./naming";
import type { Provider } from "./resource";
import { typeOf } from "./resource-type";
import { withSecretsMarked } from "./secrets";
import { fromStruct } from "./struct-codec";
import { hasUnknown, plain, text } from "./wire";
import type { Fields } from "./wire";

/**
 * `kubernetes:helm.sh/v4:Chart`: makes a resource of each object that a chart renders, and returns the component's URN.
 * Unlike the official one it has no output `resources`.
 */
export async function constructChart(provider: Provider, request: ConstructRequest): Promise<string> {
  const name = request.getName();
  const monitor = new ResourceMonitor(request.getMonitorendpoint());
  try {
    const dependencies = request.getDependenciesList();
    const urn = await monitor.register({ type: request.getType(), name, parent: request.getParent(), dependencies });
    const inputs = fromStruct(request.getInputs());
    if (hasUnknown(inputs)) provider.warn(`chart ${name} has inputs that are not known yet: its objects are not shown`);
    else {
      const objects = await renderChart(plain(inputs), name, provider);
      const prefix = text(inputs, "resourcePrefix") ?? name;
      await registerAll(monitor, objects, {
        parent: urn,
        prefix,
        provider: request.getProvidersMap().get("kubernetes"),
      });
    }
    await monitor.complete(urn);
    return urn;
  } finally {
    monitor.close();
  }
}

interface Surroundings {
  parent: string;
  prefix: string;
  provider: string | undefined;
}

async function registerAll(monitor: ResourceMonitor, objects: Fields[], around: Surroundings): Promise<void> {
  const urns = new Map<Fields, Promise<string>>();
  const register = async (object: Fields): Promise<string> => {
    const needed = objects.filter((other) => isNeeded(other, object)).map((other) => urnOf(other));
    return monitor.register({
      type: typeOf(object),
      name: `${around.prefix}:${idOf(object)}`,
      parent: around.parent,
      dependencies: await Promise.all(needed),
      object: {
        inputs: withSecretsMarked(object, {}),
        provider: around.provider ?? "",
        retainOnDelete: text(object, "metadata", "annotations", "helm.sh/resource-policy") === "keep",
      },
    });
  };
  const urnOf = (object: Fields): Promise<string> => {
    const known = urns.get(object) ?? register(object);
    urns.set(object, known);
    return known;
  };
  await Promise.all(objects.map((object) => urnOf(object)));
}

/** Whether an object can only be made after another one: its namespace, or the definition of its kind. */
function isNeeded(other: Fields, object: Fields): boolean {
  const kind = text(other, "kind");
  if (kind === "Namespace") return text(object, "metadata", "namespace") === text(other, "metadata", "name");
  if (kind !== "CustomResourceDefinition") return false;
  const [group] = (text(object, "apiVersion") ?? "").split("/");
  return text(other, "spec", "group") === group && text(other, "spec", "names", "kind") === text(object, "kind");
}
