import { ruleFor } from "./await/rules";
import { problemsOf } from "./await/problems";
import { UnknownKind } from "./discovery";
import { liveInputs } from "./drift";
import { Unreachable } from "./http-client";
import { idOf, parseId } from "./naming";
import { fieldManagerOf, isAnnotated, PartialFailure, subjectOf } from "./resource";
import type { Provider } from "./resource";
import { withSecretsMarked } from "./secrets";
import { stateOf, withServerNames } from "./state";
import { isFields, omit } from "./wire";
import type { Fields } from "./wire";

export interface Known {
  id: string;
  inputs: Fields;
  state: Fields;
}

/** Kinds that say by themselves later whether they work; a refresh looks at those alone, as the official one does. */
const judged = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod", "Service"];

/**
 * The object as it is in the cluster, for `refresh` and, without inputs, for `import`; undefined if it is gone.
 * Throws PartialFailure for an object that is there and does not work.
 */
export async function read(provider: Provider, urn: string, known: Known): Promise<Known | undefined> {
  const imported = Object.keys(known.inputs).length === 0;
  const { gvk, object } = subjectOf(urn, imported ? known.state : known.inputs);
  const { namespace, name } = parseId(known.id);
  const live = await find(provider, async () =>
    provider.cluster.get(await provider.cluster.path(gvk, namespace ?? provider.namespace, name)),
  );
  if (!live) return undefined;
  const inputs = imported
    ? withSecretsMarked(importedInputs(live), {})
    : withSecretsMarked(liveInputs(withServerNames(known.inputs), live), known.inputs);
  const state = stateOf(inputs, live, fieldManagerOf(urn, object, known.state));
  const result = { id: idOf(live), inputs, state };
  if (imported || !judged.includes(gvk.kind) || isAnnotated(object, "skipAwait")) return result;
  const verdict = await ruleFor(gvk)?.(live, provider.cluster, Infinity);
  if (!verdict || verdict.state === "ready") return result;
  const headline = `${gvk.kind} ${result.id} is not ready: ${verdict.why}`;
  throw new PartialFailure(result.id, state, inputs, [headline, ...(await problemsOf(live, provider.cluster))]);
}

/** A kind that is not served any more took its objects with it. */
async function find(provider: Provider, get: () => Promise<Fields | undefined>): Promise<Fields | undefined> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof UnknownKind) return undefined;
    if (!(error instanceof Unreachable)) throw error;
    if (!provider.settings.deleteUnreachable) throw new Error(`${error.message}. ${ifGone}`);
    provider.warn(`${error.message}; deleteUnreachable is set, so the state forgets its objects`);
    return undefined;
  }
}

/** What to do about a cluster that no longer exists. */
export const ifGone =
  "If the cluster was deleted, set deleteUnreachable on the provider (or the environment variable " +
  'PULUMI_K8S_DELETE_UNREACHABLE to "true") to take its objects out of the state.';

const serverFields = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"];

/** Everything that a person could have written. */
function importedInputs(live: Fields): Fields {
  const metadata = isFields(live["metadata"]) ? omit(live["metadata"], ...serverFields) : {};
  return { ...omit(live, "status"), metadata };
}
