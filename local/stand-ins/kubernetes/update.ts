import { apply, isFreshlyCreated, takeOver } from "./apply";
import { settle } from "./create";
import type { WriteOptions } from "./create";
import { pathOf, UnknownKind } from "./discovery";
import { ApiError, Unreachable } from "./http-client";
import { withIgnoredChanges } from "./ignored";
import { parseId } from "./naming";
import { fieldManagerOf, isAnnotated, subjectOf, withoutNamespace } from "./resource";
import type { Provider } from "./resource";
import { stateOf } from "./state";
import { hasUnknown, list } from "./wire";
import type { Fields } from "./wire";

export interface Change {
  id: string;
  state: Fields;
  news: Fields;
  ignoreChanges: string[];
}

/** Applies new inputs to an object and waits until it is ready. Returns its new state. */
export async function update(provider: Provider, urn: string, change: Change, options: WriteOptions): Promise<Fields> {
  const { news, state } = change;
  const fieldManager = fieldManagerOf(urn, subjectOf(urn, news).object, state);
  if (options.preview) {
    const live = hasUnknown(news) ? undefined : await preview(provider, urn, change, fieldManager);
    return live ? stateOf(news, live, fieldManager) : news;
  }
  const applied = await write(provider, urn, change, { fieldManager, dryRun: false });
  const live = await settle(provider, urn, {
    inputs: news,
    live: applied,
    fieldManager,
    timeoutSeconds: options.timeoutSeconds,
  });
  return stateOf(news, live, fieldManager);
}

async function write(
  provider: Provider,
  urn: string,
  change: Change,
  how: { fieldManager: string; dryRun: boolean },
): Promise<Fields> {
  const { cluster, settings } = provider;
  const { gvk, object, namespace } = subjectOf(urn, change.news);
  const resource = await cluster.resource(gvk);
  const { name } = parseId(change.id);
  const path = pathOf(resource, namespace, name);
  const live = await cluster.get(path);
  if (!live)
    throw new Error(`${gvk.kind} ${change.id} is not in the cluster any more; "pulumi refresh" puts the state right`);
  if (!how.dryRun) await takeOver(cluster, path, live, how.fieldManager);
  const force =
    settings.enablePatchForce ||
    isAnnotated(object, "patchForce") ||
    list(live, "metadata", "managedFields").length === 0 ||
    (how.dryRun && isFreshlyCreated(live));
  const scoped = resource.namespaced ? object : withoutNamespace(object);
  const body = withIgnoredChanges(scoped, live, change.ignoreChanges, how.fieldManager);
  return apply({ cluster, path, object: body, force, ...how });
}

async function preview(
  provider: Provider,
  urn: string,
  change: Change,
  fieldManager: string,
): Promise<Fields | undefined> {
  try {
    return await write(provider, urn, change, { fieldManager, dryRun: true });
  } catch (error) {
    if (error instanceof UnknownKind) return undefined;
    if (error instanceof ApiError && (error.status === 403 || /dry ?run/i.test(error.message))) return undefined;
    if (!(error instanceof Unreachable)) throw error;
    provider.warn(`${error.message}; the preview shows the inputs alone`);
    return undefined;
  }
}
