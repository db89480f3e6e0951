import { z } from "zod";
import { caller, headerName, seconds } from "./values";

const count = z.int().min(1).max(1_000_000_000);

/** So many requests in so much time, counted by each pod for itself. */
const rate = z.strictObject({
  requests: count.describe("Requests that one pod takes in that time, and at once after a quiet one."),
  seconds: z.int().min(1).max(86_400).default(1).describe("The time."),
});
export type Rate = z.output<typeof rate>;

const loadBalancer = z.union([
  z.enum(["ROUND_ROBIN", "LEAST_REQUEST", "RANDOM"]),
  z.strictObject({ header: headerName.describe("Requests with the same value go to the same pod.") }),
  z.strictObject({
    cookie: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "use a cookie name: letters, digits and '-'")
      .describe("Requests with the same cookie go to the same pod. Who has none is given one."),
    ttlSeconds: seconds.default(0).describe("Life of a cookie that is given. 0: as long as the browser runs."),
  }),
]);
export type LoadBalancer = z.output<typeof loadBalancer>;

/** How callers' proxies send requests to a service, and how many its own proxies let through. */
export const traffic = z.strictObject({
  loadBalancer: loadBalancer
    .default("ROUND_ROBIN")
    .describe("How a pod is chosen: by an algorithm, or always the same one by a header or cookie (of one version)."),
  stickyVersion: z
    .strictObject({
      // Envoy reads `%` as a command, and browsers want more of a cookie whose name begins with `__`.
      cookie: z
        .string()
        .regex(/^[A-Za-z0-9-][A-Za-z0-9_-]*$/, "use letters, digits, '_' and '-', not '_' first")
        .describe("Name of the cookie by which a user is known again. Who has none is given one."),
      days: z.int().min(1).max(400).default(30).describe("Life of the cookie."),
    })
    .optional()
    .describe(
      "While a canary has a share, each user keeps the version that he got, and more weight adds users to the canary. " +
        "Default: every request is decided for itself.",
    ),
  preferSameZone: z
    .boolean()
    .default(false)
    .describe("Callers use pods of their own zone while there are healthy ones. Needs `outliers`."),
  timeoutSeconds: z
    .number()
    .min(0)
    .max(3600)
    .refine((value) => value === 0 || value >= 0.1, { error: "use 0 for none, or 0.1 at least" })
    .default(15)
    .describe("Limit of one request with its answer, retries included; after it 504. 0: none, for answers that go on."),
  retries: z
    .strictObject({
      attempts: z
        .int()
        .min(0)
        .max(10)
        .default(2)
        .describe("How often a request is sent again that surely was not processed, whatever its method."),
      readOnlyAttempts: z
        .int()
        .min(1)
        .max(10)
        .optional()
        .describe("The same for GET, HEAD and OPTIONS, which are also sent again after 502, 503, 504 and a reset."),
    })
    .prefault({}),
  connections: z
    .strictObject({
      max: count.optional().describe("Connections of one caller's pod to the service. Default: any number."),
      maxPending: count.optional().describe("Its requests that wait for a connection; more get 503."),
      idleSeconds: z
        .int()
        .min(1)
        .max(86_400)
        .default(10)
        .describe("A connection without requests is closed after this time. Less than the service itself waits."),
      connectTimeoutSeconds: z
        .number()
        .min(0.1)
        .max(60)
        .default(5)
        .describe("Limit of making a connection, with its TLS handshake, for which a busy pod needs a while."),
    })
    .prefault({})
    .describe("Circuit breaker: what one caller may ask of the service at once."),
  outliers: z
    .strictObject({
      errors: z
        .int()
        .min(0)
        .max(1000)
        .default(5)
        .describe("Answers 5xx in a row after which a pod is left out. 0: never."),
      intervalSeconds: z.int().min(1).max(3600).default(5).describe("Time between two looks at the pods."),
      ejectSeconds: z.int().min(1).max(3600).default(30).describe("Time for which it is left out the first time."),
      // Half of two is one: never all of them, and never the only one.
      maxPercent: z
        .int()
        .min(1)
        .max(50)
        .default(50)
        .describe("Most pods that may be left out, in percent: half of them always stay."),
    })
    .prefault({})
    .describe("Circuit breaker: a pod that fails gets no requests for a while."),
  limits: z
    .strictObject({
      all: rate.optional().describe("Of all requests together."),
      callers: z.record(caller, rate).default({}).describe("Of single ones of its `callers`, as they stand there."),
    })
    .prefault({})
    .describe("Requests that each pod of the service takes, whoever sends them; more get 429."),
});
export type TrafficConfig = z.output<typeof traffic>;
