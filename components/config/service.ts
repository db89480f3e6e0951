import { z } from "zod";
import { expose } from "./expose";
import { bytes } from "./quantity";
import { re2 } from "./re2";
import { resources } from "./resources";
import { oneImage } from "./routed";
import { traffic } from "./traffic";
import {
  absolutePath,
  caller,
  dnsLabel,
  headerName,
  image,
  mountPath,
  objectName,
  port,
  seconds,
  serviceName,
  variables,
} from "./values";

const imagePullPolicy = z.enum(["Always", "IfNotPresent", "Never"]);

const replicas = z
  .union([
    z.int().min(0).max(1000),
    z
      .strictObject({
        min: z.int().min(1).describe("Fewest pods."),
        max: z.int().min(1).max(1000).describe("Most pods."),
        cpu: z.int().min(1).max(100).default(70).describe("Target CPU use, percent of the request."),
      })
      .refine((r) => r.max >= r.min, { path: ["max"], error: "it must not be less than min" }),
  ])
  .describe(
    "Number of pods, or a range that an autoscaler moves in. From a range to a number, a second update may be needed.",
  );
export type Replicas = z.output<typeof replicas>;

const defaults = { deadlineSeconds: 600, graceSeconds: 45 };

/** A rule between two numbers of a map: the one at `key` is greater than the other. */
function isMore<K extends keyof typeof defaults, O extends string>(key: K, other: O) {
  return (numbers: Readonly<Record<K | O, number>>, context: z.RefinementCtx): void => {
    if (numbers[key] > numbers[other]) return;
    const message = `it must be greater than ${other}, ${numbers[other]}; the default is ${defaults[key]}`;
    context.addIssue({ code: "custom", path: [key], message });
  };
}

/** Probe numbers. The defaults are the seed's: first after 60 s, then every 20 s, out after 3 failures in a row. */
const probe = z.strictObject({
  path: absolutePath.default("/actuator/health").describe("HTTP path that answers 200 when healthy."),
  initialDelaySeconds: seconds.default(60).describe("Time before the first check."),
  periodSeconds: z.int().min(1).max(3600).default(20).describe("Time between checks."),
  timeoutSeconds: z.int().min(1).max(3600).default(1).describe("Time after which a check has failed."),
  failureThreshold: z.int().min(1).max(100).default(3).describe("Failures in a row that count."),
});
export type ProbeConfig = z.output<typeof probe>;

const strength = z.enum(["required", "preferred"]);
const placement = z.strictObject({
  spread: z
    .strictObject({
      nodes: strength.default("preferred"),
      zones: strength.default("preferred"),
    })
    .prefault({})
    .describe("Pods of one service on different nodes and in different zones."),
  near: z.record(dnsLabel, strength).default({}).describe("On a node that runs a pod of these services."),
  apart: z.record(dnsLabel, strength).default({}).describe("On no node that runs a pod of these services."),
});
export type PlacementConfig = z.output<typeof placement>;

const files = z.record(
  z
    .string()
    .regex(/^(\/\.?[\w-][\w.-]*)+$/, "use an absolute path of letters, digits, '_', '.' and '-', without . or ..")
    .max(253),
  z.string(),
);
const configMap = z.strictObject({
  env: variables.default({}).describe("Handed to the container as environment variables."),
  files: files.default({}).describe("Absolute path in the container to content."),
});

const mount = z.strictObject({
  volume: dnsLabel.describe("Name under `volumes`."),
  path: mountPath.describe("Absolute path in the container."),
  readOnly: z.boolean().default(false),
});
const container = z.strictObject({
  image,
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: variables.default({}),
  resources: resources.prefault({}),
  mounts: z.array(mount).default([]),
});
export type ContainerConfig = z.output<typeof container>;

const volume = z.union([
  z.strictObject({ emptyDir: z.strictObject({ sizeLimit: bytes.optional() }) }),
  z.strictObject({ configMap: z.strictObject({ name: objectName }) }),
  z.strictObject({ secret: z.strictObject({ name: objectName }) }),
  z.strictObject({ claim: z.strictObject({ name: objectName }) }),
]);
export type VolumeConfig = z.output<typeof volume>;

/** What a version may say for itself; the rest is its service's. */
const versionConfig = z.strictObject({
  image,
  imagePullPolicy: imagePullPolicy.optional(),
  replicas: replicas.optional(),
  env: variables.default({}).describe("Added to the service's own, or in place of them."),
});

const canary = z.strictObject({
  version: z.string().describe("Name under `versions`, not the stable one."),
  weight: z.int().min(0).max(100).default(0).describe("Share of user requests that it gets, in percent."),
  testers: z
    .strictObject({
      header: headerName.describe("Request header that marks a tester."),
      regex: re2.min(1).default("^.+$").describe("RE2 expression that its whole value must match."),
    })
    .optional()
    .describe("Requests that see the canary whatever its weight: test in production."),
});
export type CanaryConfig = z.output<typeof canary>;

/** Kubernetes versions its label by this name; it is also the subset's name and the Deployment's suffix. */
const versionName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?$/, "use a short name such as v2")
  .refine(
    (name) => name !== oneImage,
    "it is what the mesh calls a service without versions; use another one, such as v2",
  );

/** One service: `image` for a single version, or `versions` with `stable` and `canary`. */
export const service = z.strictObject({
  name: serviceName.optional().describe("Name of the Service and the Deployments. Default: the key in `services`."),
  image: image.optional().describe("Image, when the service has one version."),
  versions: z.record(versionName, versionConfig).optional().describe("Named versions that run side by side."),
  stable: z.string().optional().describe("The version that users get. Needed when there are several."),
  canary: canary.optional().describe("Another version that some users, or testers, get."),
  imagePullPolicy: imagePullPolicy.optional().describe("Default: Always for the tag `latest`, else IfNotPresent."),
  imagePullSecrets: z.array(objectName).default([]).describe("Names of Secrets with registry credentials."),
  replicas: replicas.default(1),
  port: port
    .default(8080)
    .describe("Port that the container listens on. A change loses requests until all pods are of the new one."),
  env: variables
    .default({})
    .describe(
      "Environment variables of the container, in the order of their names: `$(A)` in B is the value of A, not the other way round.",
    ),
  config: configMap.prefault({}).describe("Contents of the service's ConfigMap. A change rolls the pods."),
  dataStores: z.boolean().default(false).describe("Hand the addresses and the login of MySQL, Kafka and ZooKeeper."),
  resources: resources.prefault({}),
  probes: z
    .strictObject({ liveness: probe.prefault({}), readiness: probe.prefault({}) })
    .prefault({})
    .describe("Liveness restarts a container; readiness decides whether it gets requests."),
  placement: placement.prefault({}),
  rollout: z
    .strictObject({
      deadlineSeconds: z
        .int()
        .min(1)
        .max(86_400)
        .default(defaults.deadlineSeconds)
        .describe("A rollout that takes longer has failed."),
      minReadySeconds: seconds.default(0).describe("Time a new pod must stay ready before an old one goes."),
    })
    .prefault({})
    .superRefine(isMore("deadlineSeconds", "minReadySeconds")),
  stop: z
    .strictObject({
      drainSeconds: seconds.default(10).describe("Time between leaving the endpoints and SIGTERM."),
      graceSeconds: seconds.default(defaults.graceSeconds).describe("Time until SIGKILL, draining included."),
    })
    .prefault({})
    .superRefine(isMore("graceSeconds", "drainSeconds"))
    .describe("How a pod ends without losing a request."),
  sidecars: z
    .record(dnsLabel, container)
    .default({})
    .describe("More containers of the pod, by name; in the order of their names."),
  initContainers: z
    .record(dnsLabel, container)
    .default({})
    .describe("Containers that end before the service starts, one after the other in the order of their names."),
  volumes: z.record(dnsLabel, volume).default({}).describe("Volumes of the pod, by name."),
  mounts: z.array(mount).default([]).describe("Where the service's own container sees them."),
  callers: z
    .array(caller)
    .default([])
    .describe(
      "Services that may send it requests: by their keys, or, from another namespace of the mesh, as `<namespace>/<name>`. What is " +
        "exposed takes them from everybody.",
    ),
  traffic: traffic.prefault({}).describe("How its callers send requests, and how many it takes."),
  expose: expose.prefault({ kind: "ClusterIP" }),
});
export type ServiceInput = z.input<typeof service>;
export type ServiceConfig = z.output<typeof service>;
