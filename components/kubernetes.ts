import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Changes a child's arguments after all defaults have been applied: the way out for what has no key of its own. */
export type Transform<Args> = (args: Args) => Args;

interface Metadata {
  readonly name: pulumi.Input<string>;
  /** @default none: it is of the whole cluster */
  readonly namespace?: pulumi.Input<string>;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, pulumi.Input<string>>;
}

/**
 * Annotation of every object. Config is the only truth: what another hand changed (`kubectl rollout undo`, an edit) is shown by
 * a preview that looks at the real state, and taken back by such an update. Server-side apply refuses that without it, because
 * the other hand owns the field. Another hand is also an update before that was killed: the plugin gives each object that it makes
 * a name of its own to own it by, which is lost with the state.
 */
export const takenBack = { "pulumi.com/patchForce": "true" };

/** Metadata of an object whose name is given, not made up. */
export function metadata({ name, namespace, labels = {}, annotations = {} }: Metadata) {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: { "app.kubernetes.io/part-of": "ftgo", ...labels },
    annotations: { ...takenBack, ...annotations },
  };
}

// Counts of no pods are left out of a status. The provider's parser bears a blank before the first `&&` alone.
const counts = ["updatedReplicas", "availableReplicas", "replicas"].map((count) => `@.${count} == $.spec.replicas`);
const isRolledOut = `@.observedGeneration == $.metadata.generation&&($.spec.replicas == 0||${counts.join("&&")})`;

/**
 * Annotation of a Deployment or StatefulSet: Pulumi waits for a rollout as `kubectl rollout status` does, until all pods are of
 * the newest template and available, and no others are left. By its own way it may see the status of the rollout before, and be
 * content with that, when several of one namespace change at once.
 */
export const rolledOut = { "pulumi.com/waitFor": `jsonpath={$[?${isRolledOut}]}` };

/** Annotation of a Service of type LoadBalancer: its address is all that is waited for. */
export const hasAddress = { "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress}" };

/**
 * Annotation of a Service inside the cluster: nothing waits for it, since it takes requests as soon as its pods are ready, and
 * those are waited for. Pulumi would wait until its endpoints have not changed for ten seconds.
 */
export const notAwaited = { "pulumi.com/skipAwait": "true" };

/** What a container may do that Kubernetes' Pod Security Standards call restricted, and that writes to volumes alone. */
export const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** The folder that programs expect to write to, where the root file system is read-only. */
export const tmp = { volume: { name: "tmp", emptyDir: {} }, mount: { name: "tmp", mountPath: "/tmp" } };

/**
 * A value, once these are there. Unlike `dependsOn` it leaves no edge in the state: what is made later by one config may have to be
 * made first by the next, and an update of a part leaves the edges of all else as they were.
 */
export function onceThere<T>(resources: readonly pulumi.Resource[], value: T): pulumi.Output<pulumi.Unwrap<T>> {
  const there = resources.map(({ urn }) => new Promise<void>((resolve) => void urn.apply(() => resolve())));
  return pulumi.output(Promise.all(there).then(() => value));
}

/** Tells secrets apart where everybody may read, and tells nothing of them to anyone who does not know the key, a secret too. */
export function keyedHash(secret: pulumi.Input<string>, key: pulumi.Input<string>): pulumi.Output<string> {
  const digest = ([text, known]: string[]) =>
    createHmac("sha256", known ?? "")
      .update(text ?? "")
      .digest("hex");
  return pulumi.unsecret(pulumi.all([secret, key]).apply((pair) => digest(pair).slice(0, 8)));
}
