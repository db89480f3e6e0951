import { z } from "zod";

/** A name that Kubernetes accepts for Services, namespaces and labels (RFC 1123 label). */
export const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "use lower-case letters, digits and '-', 63 characters at most");

/** A Service's name: a DNS label that starts with a letter (RFC 1035). */
export const serviceName = z
  .string()
  .regex(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/, "use lower-case letters, digits and '-', starting with a letter");

/** An image reference: `[registry/]repository[:tag][@sha256:digest]`. */
export const image = z
  .string()
  .regex(
    /^[a-z0-9]+(([._-]+|[:/])[a-z0-9]+)*(:[A-Za-z0-9_][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
    "use an image reference such as registry/name:tag or name@sha256:<64 hex digits>",
  );

/** A path from the root, of a URL or in a container. */
export const absolutePath = z.string().startsWith("/", "use a path that starts with '/'");

/** A folder or file in a container that a volume is mounted on. */
export const mountPath = z.string().regex(/^\/[^:]*$/, "use a path that starts with '/' and has no ':'");

/** A name of an object that Kubernetes does not make a host name of: a Secret's, a ConfigMap's, a claim's. */
export const objectName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "use lower-case letters, digits, '-' and '.'",
  );

/** An amount of CPU (`250m`, `2`) or memory (`512Mi`, `1Gi`) as Kubernetes writes it. */
export const quantity = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.test(value), {
    error: "use a Kubernetes quantity such as 250m (CPU) or 512Mi (memory)",
  });

/** A TCP port. */
export const port = z.int().min(1).max(65535);

/** A length of time in whole seconds. */
export const seconds = z.int().min(0).max(86_400);

/** Environment variables. Numbers and booleans are taken as YAML prints them. */
export const variables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "use letters, digits, '_', '.' and '-', not starting with a digit"),
  z.union([z.string(), z.number(), z.boolean()]).transform(String),
);
