import type { LoadBalancerConfig } from "../config/expose";

/** What every annotation of the AWS cloud controller begins with. */
const prefix = "service.beta.kubernetes.io/aws-load-balancer-";

/** Those that the controller reads when it makes an ELB, and never again. */
export const readOnce = ["type", "internal"].map((key) => prefix + key);

/**
 * Annotations of a Service of type LoadBalancer, by which Kubernetes' AWS cloud controller makes the ELB that the options
 * describe. `sourceRanges` is not among them: it is the Service's own `loadBalancerSourceRanges`.
 * @param options checked options; those that an NLB cannot honour have been refused by then
 * @param ports ports of the Service at which the ELB ends TLS, when there is a certificate
 * @param tags tags of the ELB, by which it is found should it ever be left over
 */
export function loadBalancerAnnotations(
  options: LoadBalancerConfig,
  ports: readonly number[],
  tags: Readonly<Record<string, string>>,
): Record<string, string> {
  const values: Record<string, string | number | boolean | undefined> = {
    ...(options.type === "nlb" ? { type: "nlb" } : classicOnly(options)),
    internal: options.internal || undefined,
    "cross-zone-load-balancing-enabled": options.crossZone,
    "additional-resource-tags": joined(Object.entries(tags).map(([key, value]) => `${key}=${value}`)),
    "ssl-cert": options.certificateArn,
    "ssl-ports": options.certificateArn && joined(ports),
    "ssl-negotiation-policy": options.tlsPolicy,
    ...healthCheck(options),
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [prefix + key, String(value)]));
}

function classicOnly({ idleTimeoutSeconds, drainingSeconds, accessLogs }: LoadBalancerConfig) {
  return {
    // The controller makes a listener of plain TCP otherwise, and the gateway would not learn who calls.
    "backend-protocol": "http",
    "connection-idle-timeout": idleTimeoutSeconds ?? defaults.idleTimeoutSeconds,
    "connection-draining-enabled": true,
    "connection-draining-timeout": drainingSeconds ?? defaults.drainingSeconds,
    ...(accessLogs && {
      "access-log-enabled": true,
      "access-log-emit-interval": defaults.accessLogMinutes,
      "access-log-s3-bucket-name": accessLogs.bucket,
      "access-log-s3-bucket-prefix": accessLogs.prefix,
    }),
  };
}

function healthCheck({ type, healthCheck: { path, intervalSeconds } }: LoadBalancerConfig) {
  return {
    "healthcheck-protocol": path === undefined ? "TCP" : "HTTP",
    "healthcheck-port": "traffic-port",
    "healthcheck-path": path,
    "healthcheck-interval": intervalSeconds,
    // Of an NLB the controller does not read it: 6 s for HTTP and 10 s for TCP are AWS's own.
    "healthcheck-timeout": type === "classic" ? checkTimeoutSeconds(intervalSeconds) : undefined,
    "healthcheck-healthy-threshold": defaults.checks,
    "healthcheck-unhealthy-threshold": defaults.checks,
  };
}

/** What an ELB of ours does where the stack file is silent. */
export const defaults = {
  idleTimeoutSeconds: 60,
  drainingSeconds: 60,
  /** Time between two files of an access log, minutes; ELB offers 5 and 60. */
  accessLogMinutes: 5,
  /** Checks in a row that change a node's state. One number: an NLB of old wants both thresholds equal. */
  checks: 2,
};

/** How long a check waits for its answer: at most 5 s, and less than the time between two checks, which ELB insists on. */
export function checkTimeoutSeconds(intervalSeconds: number): number {
  return Math.min(5, intervalSeconds - 1);
}

function joined(values: readonly (string | number)[]): string | undefined {
  return values.length === 0 ? undefined : values.join(",");
}
