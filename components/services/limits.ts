import * as pulumi from "@pulumi/pulumi";
import type { Service } from "../config";
import type { Rate } from "../config/traffic";
import { identity } from "../mesh";

/** Of a descriptor, which says whose a request is. */
const callerKey = "caller";
/** As many as one can say: a pod has to have a limit of all requests when it has one of a single caller's. */
const anyNumber = 0xffffffff;
const whole = { numerator: 100, denominator: "HUNDRED" };

/** Whether a service has any limit. */
export function hasLimits({ traffic: { limits } }: Service): boolean {
  return limits.all !== undefined || Object.keys(limits.callers).length > 0;
}

/**
 * An EnvoyFilter by which each pod of the service counts its own requests, and answers 429 to more than it takes: Istio has
 * no object of its own for that. They are counted after those of callers that are not let in at all.
 */
export function limitsSpec({ name, traffic: { limits } }: Service, namespace: pulumi.Input<string>): object {
  const callers = Object.entries(limits.callers);
  const config = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    stat_prefix: "limits",
    token_bucket: bucket(limits.all ?? { requests: anyNumber, seconds: 1 }),
    filter_enabled: { default_value: whole },
    filter_enforced: { default_value: whole },
    rate_limits: callers.map(([caller]) => ({ actions: [isFrom(caller, namespace)] })),
    descriptors: callers.map(([caller, rate]) => ({
      entries: [{ key: callerKey, value: caller }],
      token_bucket: bucket(rate),
    })),
  };
  return {
    workloadSelector: { labels: { app: name } },
    priority: 10, // one that is placed relatively to another needs one
    configPatches: [
      {
        applyTo: "HTTP_FILTER",
        match: {
          context: "SIDECAR_INBOUND",
          listener: {
            filterChain: {
              filter: {
                name: "envoy.filters.network.http_connection_manager",
                subFilter: { name: "envoy.filters.http.router" },
              },
            },
          },
        },
        patch: {
          operation: "INSERT_BEFORE",
          value: { name: "envoy.filters.http.local_ratelimit", typed_config: config },
        },
      },
    ],
  };
}

function bucket({ requests, seconds }: Rate): object {
  return { max_tokens: requests, tokens_per_fill: requests, fill_interval: `${seconds}s` };
}

/** The end of the header is what this pod's own proxy has written: the name in the certificate that it has checked. */
function isFrom(caller: string, namespace: pulumi.Input<string>): object {
  return {
    header_value_match: {
      descriptor_key: callerKey,
      descriptor_value: caller,
      headers: [
        {
          name: "x-forwarded-client-cert",
          string_match: { suffix: pulumi.interpolate`/${identity(caller, namespace)}` },
        },
      ],
    },
  };
}
