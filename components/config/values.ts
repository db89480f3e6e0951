import { z } from "zod";

/** A name that Kubernetes accepts for Services, namespaces and labels (RFC 1123 label). */
export const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "use lower-case letters, digits and '-', 63 characters at most");

/** A Service's name: a DNS label that starts with a letter (RFC 1035). */
export const serviceName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "use lower-case letters, digits and '-', starting with a letter, 63 characters at most",
  );

/** A service by its key, or one of another namespace as `<namespace>/<name>`. */
export const caller = z
  .string()
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "use the key of a service, or <namespace>/<name> for one of another namespace",
  );

const word = "[a-z0-9]+([._-]+[a-z0-9]+)*";

/** An image reference: `[registry[:port]/]repository[:tag][@sha256:digest]`. */
export const image = z
  .string()
  .regex(
    new RegExp(
      `^(${word}(:[0-9]{1,5})?/)?${word}(/${word})*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$`,
    ),
    "use an image reference such as registry/name:tag or name@sha256:<64 hex digits>",
  );

/** A path from the root, of a URL or in a container. */
export const absolutePath = z.string().startsWith("/", "use a path that starts with '/'");

/** A folder or file in a container that a volume is mounted on. */
export const mountPath = z
  .string()
  .regex(/^(\/\.?[^/:.][^/:]*)+$/, "use an absolute path without ':', . or .. that does not end with '/'");

/** A name of an object that Kubernetes does not make a host name of: a Secret's, a ConfigMap's, a claim's. */
export const objectName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "use lower-case letters, digits, '-' and '.'",
  );

/** Name of an HTTP header, as proxies see it. */
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "use a header name: letters, digits and '-'")
  .transform((name) => name.toLowerCase());

/** A TCP port. */
export const port = z.int().min(1).max(65535);

/** A length of time in whole seconds. */
export const seconds = z.int().min(0).max(86_400);

export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "use letters, digits, '_', '.' and '-', not starting with a digit");

/** Environment variables. Numbers and booleans are taken as YAML prints them. */
export const variables = z.record(variableName, z.union([z.string(), z.number(), z.boolean()]).transform(String));
