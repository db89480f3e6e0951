import { setTimeout as sleep } from "node:timers/promises";
import { apply, create as post } from "./apply";
import { ruleFor } from "./await/rules";
import { NotReady, untilReady } from "./await/wait";
import { pathOf, UnknownKind } from "./discovery";
import { ApiError, Unreachable } from "./http-client";
import { idOf } from "./naming";
import { fieldManagerOf, isAnnotated, PartialFailure, subjectOf, timeoutOf, withoutNamespace } from "./resource";
import type { Provider, Subject } from "./resource";
import { stateOf } from "./state";
import { hasUnknown, omit } from "./wire";
import type { Fields } from "./wire";

export interface Written {
  id: string;
  state: Fields;
}

export interface WriteOptions {
  /** From `customTimeouts`; 0 if there is none. */
  timeoutSeconds: number;
  preview: boolean;
}

/** What a custom resource may have to wait for its definition, or an object for its namespace. */
const retryDelays = [500, 1_000, 2_000, 4_000, 8_000];

/** Creates an object and waits until it is ready. An object that exists already is an error. */
export async function create(provider: Provider, urn: string, inputs: Fields, options: WriteOptions): Promise<Written> {
  const subject = subjectOf(urn, inputs);
  const fieldManager = fieldManagerOf(urn, subject.object, {});
  if (options.preview) {
    const live = hasUnknown(inputs) ? undefined : await preview(provider, subject, fieldManager);
    return { id: "", state: live ? stateOf(inputs, live, fieldManager) : inputs };
  }
  const created = await withRetries(provider, urn, () => write(provider, subject, fieldManager, false));
  const live = await settle(provider, urn, {
    inputs,
    live: created,
    fieldManager,
    timeoutSeconds: options.timeoutSeconds,
  });
  return { id: idOf(live), state: stateOf(inputs, live, fieldManager) };
}

async function write(provider: Provider, subject: Subject, fieldManager: string, dryRun: boolean): Promise<Fields> {
  const { cluster, settings } = provider;
  const { object, gvk, namespace, name } = subject;
  const resource = await cluster.resource(gvk);
  const body = resource.namespaced ? object : withoutNamespace(object);
  if (!settings.upsertExistingObjects)
    return post({ cluster, path: pathOf(resource, namespace), object: body, dryRun });
  const force = dryRun || settings.enablePatchForce || isAnnotated(object, "patchForce");
  return apply({ cluster, path: pathOf(resource, namespace, name), object: body, fieldManager, force, dryRun });
}

/** What the server would make of the object, or undefined if it cannot tell yet. */
async function preview(provider: Provider, subject: Subject, fieldManager: string): Promise<Fields | undefined> {
  try {
    // The status of an object that does not exist is not known.
    return omit(await write(provider, subject, fieldManager, true), "status");
  } catch (error) {
    if (error instanceof UnknownKind) return undefined;
    if (error instanceof Unreachable) {
      provider.warn(`${error.message}; the preview shows the inputs alone`);
      return undefined;
    }
    if (error instanceof ApiError && isOnlyTooEarly(error)) return undefined;
    throw error;
  }
}

/** A namespace that comes with this update, an object that is replaced by it, or a server that cannot dry-run. */
function isOnlyTooEarly(error: ApiError): boolean {
  return [403, 404, 409].includes(error.status) || (error.status === 400 && /dry ?run/i.test(error.message));
}

async function withRetries(provider: Provider, urn: string, attempt: () => Promise<Fields>): Promise<Fields> {
  for (let i = 0; ; i++) {
    try {
      return await attempt();
    } catch (error) {
      const delay = retryDelays[i];
      const missing = error instanceof UnknownKind || (error instanceof ApiError && error.status === 404);
      if (!missing || delay === undefined || provider.cancelled.aborted) throw explained(error);
      provider.status(`trying again in ${delay / 1_000} s: ${error.message}`, urn);
      await sleep(delay, undefined, { signal: provider.cancelled }).catch(() => undefined);
    }
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof ApiError && error.status === 409)) return error;
  return new Error(
    `${error.message}. The object is in the cluster but not in this stack. Import it with "pulumi import", delete it, ` +
      "or set upsertExistingObjects on the provider to take over what exists",
  );
}

interface Unsettled {
  inputs: Fields;
  live: Fields;
  fieldManager: string;
  timeoutSeconds: number;
}

/** Waits until a written object is ready; throws PartialFailure with the state to keep if it does not become so. */
export async function settle(provider: Provider, urn: string, written: Unsettled): Promise<Fields> {
  const { gvk, object, namespace, name } = subjectOf(urn, written.inputs);
  const rule = isAnnotated(object, "skipAwait") ? undefined : ruleFor(gvk);
  if (!rule) return written.live;
  const path = await provider.cluster.path(gvk, namespace, name);
  try {
    return await untilReady(written.live, rule, {
      cluster: provider.cluster,
      path,
      timeoutSeconds: timeoutOf(written.timeoutSeconds, object),
      signal: provider.cancelled,
      status: (text) => {
        provider.status(text, urn);
      },
    });
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    const state = stateOf(written.inputs, error.live, written.fieldManager);
    throw new PartialFailure(idOf(error.live), state, undefined, error.reasons);
  }
}
