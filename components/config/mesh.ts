import { z } from "zod";
import { dnsLabel } from "./values";

/** Istio, installed by its official charts. Chart and image versions are one decision, made here. */
export const mesh = z.strictObject({
  install: z
    .boolean()
    .default(true)
    .describe(
      "False where another stack of the cluster has installed it: this one has services alone, in a namespace of its own. Of the " +
        "other keys it needs `version`, `revision` and `namespace`, as that stack has them. `mtls` is its own; the rest has no effect.",
    ),
  charts: z
    .string()
    .default("https://istio-release.storage.googleapis.com/charts")
    .describe("Chart repository, or a folder of the checkout that holds the charts `base` and `istiod`."),
  version: z
    .string()
    .default("1.31.0")
    .describe("Version of the charts in a repository, and of the images. Pods are rolled to sidecars of a new one."),
  revision: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, "use lower-case letters, digits and '-', 40 characters at most")
    .refine(
      (name) => name !== "default",
      "leave the key out: `default` is Istio's own name for a control plane without one",
    )
    .optional()
    .describe(
      "Name of the control plane, such as `1-31-1`. With another name (and version) an istiod is made beside the one before, all " +
        "pods move to it, and then the old one goes. Default: none; another version takes the place of the istiod that runs.",
    ),
  hub: z.string().default("docker.io/istio").describe("Registry of the images."),
  replicas: z.int().min(1).max(10).default(1).describe("Pods of istiod."),
  namespace: dnsLabel.default("istio-system").describe("Namespace of the control plane."),
  mtls: z
    .enum(["STRICT", "PERMISSIVE"])
    .default("STRICT")
    .describe(
      "Mutual TLS between services. PERMISSIVE takes plain text too, and requests of everybody whatever `callers` says: " +
        "a first stage for services that still have callers outside the mesh.",
    ),
});
export type MeshConfig = z.output<typeof mesh>;

/** Helm's name for its release of Istio's chart `base`. */
export const baseRelease = "istio-base";
