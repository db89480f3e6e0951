import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { MeshConfig } from "../config";
import { takenBack } from "../kubernetes";

/** The groups of Istio's objects. */
const apiGroups = ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"];

/**
 * Whom the API server asks about each of Istio's objects. What cannot be checked is refused, so an istiod is asked when it runs and
 * not before: else no route could be changed while that of another revision comes up, or when it never does. The one in chart
 * `base` comes before istiod, and has this name too, by which Istio's tools know it.
 */
export function validation(
  name: string,
  { namespace, revision }: Pick<MeshConfig, "namespace" | "revision">,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const service = { name: revision ? `istiod-${revision}` : "istiod", namespace, path: "/validate" };
  const webhook = {
    name: "validation.istio.io",
    clientConfig: { service },
    rules: [{ operations: ["CREATE", "UPDATE"], apiGroups, apiVersions: ["*"], resources: ["*"] }],
    failurePolicy: "Fail",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  const metadata = {
    name: "istiod-default-validator",
    labels: { "istio.io/rev": revision ?? "default" },
    annotations: { ...takenBack, ...trusted },
  };
  return new k8s.admissionregistration.v1.ValidatingWebhookConfiguration(name, { metadata, webhooks: [webhook] }, opts);
}

/** Annotation: the API server can trust istiod, which has written its certificate there. */
const trusted = { "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}" };
