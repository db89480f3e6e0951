/** Fields that the product adds to the seed's objects, and why. Every object of `of` has every path. */
export interface Addition {
  readonly reason: string;
  /** `Kind/name`; `*` stands for any text. */
  readonly of: readonly string[];
  /** Paths as `fields` gives them; `*` stands for the name of one entry of a list. */
  readonly paths: readonly string[];
}

const pod = "spec.template.spec";
const container = `${pod}.containers[*]`;

export const additions: readonly Addition[] = [
  {
    reason: "all FTGO objects live in one namespace and are found by labels",
    of: ["*/*"],
    paths: ["metadata.namespace", 'metadata.labels["app.kubernetes.io/part-of"]', "metadata.labels.app"],
  },
  {
    reason: "two Deployments of one service are told apart by the version as well",
    of: ["Deployment/ftgo-consumer-service-*"],
    paths: [
      "metadata.labels.version",
      `${pod}.topologySpreadConstraints[kubernetes.io/hostname].labelSelector.matchLabels.version`,
      `${pod}.topologySpreadConstraints[topology.kubernetes.io/zone].labelSelector.matchLabels.version`,
    ],
  },
  {
    reason: "config is the only truth: an update takes back what another hand changed",
    of: ["*/*"],
    paths: ['metadata.annotations["pulumi.com/patchForce"]'],
  },
  {
    reason: "a rollout never has fewer ready pods than replicas, ends in time, and can be undone",
    of: ["Deployment/*"],
    paths: [
      "spec.strategy.type",
      "spec.strategy.rollingUpdate.maxSurge",
      "spec.strategy.rollingUpdate.maxUnavailable",
      "spec.minReadySeconds",
      "spec.progressDeadlineSeconds",
      "spec.revisionHistoryLimit",
    ],
  },
  {
    reason: "changed config and a changed password roll the pods",
    of: ["Deployment/*"],
    paths: [
      'spec.template.metadata.annotations["ftgo/config-hash"]',
      'spec.template.metadata.annotations["ftgo/database-login"]',
    ],
  },
  {
    reason: "sidecars of another version roll the pods",
    of: ["Deployment/*"],
    paths: ['spec.template.metadata.annotations["ftgo/sidecars"]'],
  },
  {
    reason: "a pod that stops has time to leave the endpoints first",
    of: ["Deployment/*"],
    paths: [`${pod}.terminationGracePeriodSeconds`, `${container}.lifecycle.preStop.sleep.seconds`],
  },
  {
    reason: "the seed's text: three failures in a row; and Kubernetes' own second for an answer",
    of: ["Deployment/*"],
    paths: ["livenessProbe", "readinessProbe"].flatMap((probe) => [
      `${container}.${probe}.failureThreshold`,
      `${container}.${probe}.timeoutSeconds`,
    ]),
  },
  {
    reason: "the scheduler places by need",
    of: ["Deployment/*"],
    paths: [
      `${container}.resources.requests.cpu`,
      `${container}.resources.requests.memory`,
      `${container}.resources.limits.memory`,
    ],
  },
  {
    reason: "pods of one service stand on different nodes and in different zones",
    of: ["Deployment/*"],
    paths: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
      .map((key) => `${pod}.topologySpreadConstraints[${key}]`)
      .flatMap((constraint) => [
        `${constraint}.topologyKey`,
        `${constraint}.maxSkew`,
        `${constraint}.whenUnsatisfiable`,
        `${constraint}.labelSelector.matchLabels.app`,
        `${constraint}.matchLabelKeys[0]`,
      ]),
  },
  {
    reason: "empty, until config asks for more",
    of: ["Deployment/*"],
    paths: [
      ...["podAffinity", "podAntiAffinity"].flatMap((side) => [
        `${pod}.affinity.${side}.requiredDuringSchedulingIgnoredDuringExecution`,
        `${pod}.affinity.${side}.preferredDuringSchedulingIgnoredDuringExecution`,
      ]),
      `${pod}.imagePullSecrets`,
      `${pod}.initContainers`,
    ],
  },
  {
    reason: "restricted by Kubernetes' Pod Security Standards, with an account that cannot talk to the API server",
    of: ["Deployment/*"],
    paths: [
      `${pod}.serviceAccountName`,
      `${pod}.automountServiceAccountToken`,
      `${pod}.securityContext.runAsNonRoot`,
      `${pod}.securityContext.runAsUser`,
      `${pod}.securityContext.seccompProfile.type`,
      `${container}.securityContext.allowPrivilegeEscalation`,
      `${container}.securityContext.capabilities.drop[0]`,
      `${container}.securityContext.readOnlyRootFilesystem`,
    ],
  },
  {
    reason: "the JVM writes to /tmp, and the root file system is read-only",
    of: ["Deployment/*"],
    paths: [
      `${pod}.volumes[tmp].name`,
      `${pod}.volumes[tmp].emptyDir`,
      `${container}.volumeMounts[tmp].name`,
      `${container}.volumeMounts[tmp].mountPath`,
    ],
  },
  {
    reason: "the mesh tells pods of one image from those of versions that come or go",
    of: ["Deployment/ftgo-restaurant-service"],
    paths: ['spec.template.metadata.labels["ftgo/subset"]'],
  },
  {
    reason: "Kubernetes' own rule, written down: a tag that moves is pulled at every start, another one once",
    of: ["Deployment/ftgo-consumer-service-*"],
    paths: [`${container}.imagePullPolicy`],
  },
  {
    reason: "Istio reads the protocol from a port's name",
    of: ["Service/ftgo-restaurant-service", "Service/ftgo-api-gateway"],
    paths: ["spec.ports[*].name"],
  },
  {
    reason: "an update waits until all pods are of the newest template",
    of: ["Deployment/*"],
    paths: ['metadata.annotations["pulumi.com/waitFor"]'],
  },
  {
    reason: "a Service takes requests as soon as its pods are ready, and those are waited for",
    of: ["Service/*"],
    paths: ['metadata.annotations["pulumi.com/skipAwait"]'],
  },
  {
    reason: "Kubernetes' own default, written down",
    of: ["Service/ftgo-restaurant-service", "Service/ftgo-consumer-service"],
    paths: ["spec.type"],
  },
  {
    reason: "the seed spreads requests evenly; Istio's own default goes by the load of each pod",
    of: ["DestinationRule/ftgo-consumer-service"],
    paths: ["spec.trafficPolicy.loadBalancer.simple", "spec.trafficPolicy.loadBalancer.localityLbSetting.enabled"],
  },
  {
    reason: "a circuit breaker, and no request over a connection that the service may be closing",
    of: ["DestinationRule/ftgo-consumer-service"],
    paths: [
      "spec.trafficPolicy.connectionPool.tcp.connectTimeout",
      "spec.trafficPolicy.connectionPool.http.idleTimeout",
      ...["consecutive5xxErrors", "interval", "baseEjectionTime", "maxEjectionPercent"].map(
        (key) => `spec.trafficPolicy.outlierDetection.${key}`,
      ),
    ],
  },
  {
    reason:
      "a request ends some time, and what surely was not processed is sent again; Istio's own default sends more again",
    of: ["VirtualService/ftgo-consumer-service"],
    paths: ["spec.http[*].timeout", "spec.http[*].retries.attempts", "spec.http[*].retries.retryOn"],
  },
  {
    reason: "another hand's change of a share is seen only where there is something to compare it with",
    of: ["VirtualService/ftgo-consumer-service"],
    paths: ["spec.http[*].route[*].weight"],
  },
];

/** Objects that the seed has no YAML of, as `Kind/name`, by the reason for which the product makes them. */
export const additionalObjects: Readonly<Record<string, readonly string[]>> = {
  "Istio, what has its objects checked, and the namespace in which it injects sidecars": [
    "Namespace/istio-system",
    "ValidatingWebhookConfiguration/istiod-default-validator",
    "Namespace/ftgo",
  ],
  "instead of `kubectl create secret`": ["Secret/ftgo-db-secret"],
  "the database knows a login before any pod gets it; its name tells the passwords of these tests from others": [
    "Secret/ftgo-mysql-admin",
    "Secret/ftgo-mysql-login",
    "Job/ftgo-mysql-login-21b6e90a",
  ],
  "what the seed's services connect to": [
    "Service/ftgo-mysql",
    "Service/ftgo-kafka",
    "Service/ftgo-zookeeper",
    "StatefulSet/ftgo-mysql",
    "StatefulSet/ftgo-kafka",
    "StatefulSet/ftgo-zookeeper",
  ],
  "the gateway's application, of which the seed has the Service alone": ["Deployment/ftgo-api-gateway"],
  "an account of its own for every service": [
    "ServiceAccount/ftgo-restaurant-service",
    "ServiceAccount/ftgo-consumer-service",
    "ServiceAccount/ftgo-api-gateway",
  ],
  "nothing talks to anything that config does not say, and what talks is encrypted": [
    "PeerAuthentication/default",
    "PeerAuthentication/ftgo-api-gateway",
    "AuthorizationPolicy/default",
    ...["restaurant-service", "consumer-service", "api-gateway", "mysql", "kafka", "zookeeper"].map(
      (name) => `AuthorizationPolicy/ftgo-${name}`,
    ),
    ...["mysql", "mysql-login", "kafka", "zookeeper"].map((name) => `ServiceAccount/ftgo-${name}`),
  ],
  "the mesh's rules for services with one image too": [
    "DestinationRule/ftgo-restaurant-service",
    "DestinationRule/ftgo-api-gateway",
    "VirtualService/ftgo-restaurant-service",
    "VirtualService/ftgo-api-gateway",
  ],
  "one of two pods stays when nodes are drained": [
    "PodDisruptionBudget/ftgo-restaurant-service",
    "PodDisruptionBudget/ftgo-api-gateway",
  ],
  "each version owns its subset, so that it can come and go with it": [
    "DestinationRule/ftgo-consumer-service-v1",
    "DestinationRule/ftgo-consumer-service-v2",
    "DestinationRule/ftgo-restaurant-service-one-image",
    "DestinationRule/ftgo-api-gateway-one-image",
  ],
};
