import type { Service } from "../config";
import type { LoadBalancer, TrafficConfig } from "../config/traffic";

/** The `trafficPolicy` of a service's DestinationRule: how its callers' proxies choose pods, and what they ask of them at most. */
export function trafficPolicy({ traffic }: Service): object {
  const { loadBalancer, preferSameZone, connections, outliers } = traffic;
  return {
    // Said either way: Istio prefers callers' own zones by itself as soon as it looks for outliers.
    loadBalancer: { ...choice(loadBalancer), localityLbSetting: { enabled: preferSameZone } },
    connectionPool: pool(connections),
    ...(outliers.errors > 0 && { outlierDetection: ejection(outliers) }),
  };
}

function choice(loadBalancer: LoadBalancer): object {
  if (typeof loadBalancer === "string") return { simple: loadBalancer };
  if ("header" in loadBalancer) return { consistentHash: { httpHeaderName: loadBalancer.header } };
  const { cookie, ttlSeconds } = loadBalancer;
  return { consistentHash: { httpCookie: { name: cookie, ttl: `${ttlSeconds}s` } } };
}

function pool({ max, maxPending, idleSeconds, connectTimeoutSeconds }: TrafficConfig["connections"]): object {
  return {
    tcp: { connectTimeout: duration(connectTimeoutSeconds), ...(max !== undefined && { maxConnections: max }) },
    http: {
      idleTimeout: duration(idleSeconds),
      ...(maxPending !== undefined && { http1MaxPendingRequests: maxPending }),
    },
  };
}

function ejection({ errors, intervalSeconds, ejectSeconds, maxPercent }: TrafficConfig["outliers"]): object {
  return {
    consecutive5xxErrors: errors,
    interval: duration(intervalSeconds),
    baseEjectionTime: duration(ejectSeconds),
    maxEjectionPercent: maxPercent,
  };
}

/** Seconds as Istio writes them. */
export function duration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
