import { untilGone } from "./await/wait";
import { UnknownKind } from "./discovery";
import { ApiError, Unreachable } from "./http-client";
import { parseId } from "./naming";
import { ifGone } from "./read";
import { annotation, isAnnotated, subjectOf, timeoutOf } from "./resource";
import type { Provider } from "./resource";
import type { Fields } from "./wire";

const propagation: Record<string, string> = { orphan: "Orphan", background: "Background" };

export interface Doomed {
  id: string;
  inputs: Fields;
  state: Fields;
  timeoutSeconds: number;
}

/** Deletes an object with all that it owns and waits until it is gone. An object that is gone already is fine. */
export async function remove(provider: Provider, urn: string, doomed: Doomed): Promise<void> {
  const { cluster } = provider;
  const { gvk, object } = subjectOf(urn, Object.keys(doomed.inputs).length > 0 ? doomed.inputs : doomed.state);
  const { namespace, name } = parseId(doomed.id);
  const policy = (annotation(object, "deletionPropagationPolicy") ?? "").toLowerCase();
  try {
    const path = await cluster.path(gvk, namespace ?? provider.namespace, name);
    const live = await cluster.get(path);
    if (!live) return;
    await cluster.http.send({
      method: "DELETE",
      path,
      body: { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: propagation[policy] ?? "Foreground" },
    });
    if (isAnnotated(object, "skipAwait")) return;
    await untilGone(live, {
      cluster,
      path,
      timeoutSeconds: timeoutOf(doomed.timeoutSeconds, object),
      signal: provider.cancelled,
      status: (text) => {
        provider.status(text, urn);
      },
    });
  } catch (error) {
    if (error instanceof UnknownKind || (error instanceof ApiError && error.status === 404)) return;
    if (!(error instanceof Unreachable)) throw error;
    if (!provider.settings.deleteUnreachable) throw new Error(`${error.message}. ${ifGone}`);
    provider.warn(`${error.message}; deleteUnreachable is set, so the state forgets its objects`);
  }
}
