import type * as pulumi from "@pulumi/pulumi";

/** Changes a child's arguments after all defaults have been applied: the way out for what has no key of its own. */
export type Transform<Args> = (args: Args) => Args;

interface Metadata {
  readonly name: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, pulumi.Input<string>>;
}

/**
 * Metadata of an object whose name is given, not made up.
 *
 * Config is the only truth: what another hand changed (`kubectl rollout undo`, an edit) is shown by a preview and taken
 * back by the next update. Server-side apply refuses that without `patchForce`, because the other hand owns the field.
 */
export function metadata({ name, namespace, labels = {}, annotations = {} }: Metadata) {
  return {
    name,
    namespace,
    labels: { "app.kubernetes.io/part-of": "ftgo", ...labels },
    annotations: { "pulumi.com/patchForce": "true", ...annotations },
  };
}
