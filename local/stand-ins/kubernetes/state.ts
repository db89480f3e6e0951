import { withSecretsMarked } from "./secrets";
import { isFields, omit, text } from "./wire";
import type { Fields } from "./wire";

/** Keys that the official provider keeps beside an object's fields in the state. */
const bookkeeping = { inputs: "__inputs", apiVersion: "__initialApiVersion", fieldManager: "__fieldManager" };

/**
 * What goes into the state for a live object, in the official provider's form: a stack can be taken over by it. The
 * server's record of who wrote which field is left out: nothing reads it, and it is as long as the object.
 */
export function stateOf(inputs: Fields, live: Fields, fieldManager: string): Fields {
  const metadata = isFields(live["metadata"]) ? omit(live["metadata"], "managedFields") : {};
  return {
    ...withSecretsMarked(withSdkNames({ ...live, metadata }), inputs),
    [bookkeeping.inputs]: withSecretsMarked(withSdkNames(inputs), inputs),
    [bookkeeping.apiVersion]: text(inputs, "apiVersion") ?? "",
    [bookkeeping.fieldManager]: fieldManager,
  };
}

export function fieldManagerIn(state: Fields): string | undefined {
  return text(state, bookkeeping.fieldManager);
}

/** Schemas in a CustomResourceDefinition have keys with dashes, which the SDK's property names cannot have. */
const serverPrefix = "x-kubernetes-";
const sdkPrefix = "x_kubernetes_";

function withSdkNames(object: Fields): Fields {
  return renamed(object, (key) => (key.startsWith(serverPrefix) ? key.replaceAll("-", "_") : key));
}

/** Inputs with the names that the API server knows: `x_kubernetes_...` of the SDK to `x-kubernetes-...`. */
export function withServerNames(object: Fields): Fields {
  return renamed(object, (key) => (key.startsWith(sdkPrefix) ? key.replaceAll("_", "-") : key));
}

function renamed<T>(value: T, rename: (key: string) => string): T {
  if (Array.isArray(value)) return value.map((item: unknown) => renamed(item, rename)) as T;
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renamed(item, rename)])) as T;
}
