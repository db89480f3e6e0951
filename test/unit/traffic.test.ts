import { strict as assert } from "node:assert";
import type { ServiceInput } from "../../components/config/service";
import { parseStackConfig } from "../../components/config";
import { problemsOf } from "../stack-configs";
import { ftgo } from "./ftgo-program";
import { shop, specOf } from "./shop";

type Traffic = NonNullable<ServiceInput["traffic"]>;

const policyOf = async (traffic: Traffic) => specOf(await shop({ traffic }), "shop/policy")["trafficPolicy"];
const rulesOf = async (traffic: Traffic) => specOf(await shop({ traffic }), "shop/route")["http"];
const pool = { tcp: { connectTimeout: "5s" }, http: { idleTimeout: "10s" } };

describe("what `traffic` says of a service", () => {
  it("is the algorithm by which callers choose pods", async () => {
    const cases: [Traffic["loadBalancer"], object][] = [
      ["LEAST_REQUEST", { simple: "LEAST_REQUEST" }],
      [{ header: "X-User" }, { consistentHash: { httpHeaderName: "x-user" } }],
      [{ cookie: "session", ttlSeconds: 60 }, { consistentHash: { httpCookie: { name: "session", ttl: "60s" } } }],
    ];
    for (const [loadBalancer, expected] of cases) {
      const policy = (await policyOf({ loadBalancer })) as { loadBalancer: object };
      assert.deepEqual(policy.loadBalancer, { ...expected, localityLbSetting: { enabled: false } });
    }
  });

  it("is whether they prefer pods of their own zone", async () => {
    const policy = (await policyOf({ preferSameZone: true })) as { loadBalancer: object };
    assert.deepEqual(policy.loadBalancer, { simple: "ROUND_ROBIN", localityLbSetting: { enabled: true } });
  });

  it("is a circuit breaker, of which the half that looks at answers can be turned off", async () => {
    assert.deepEqual(await policyOf({ connections: { max: 7, maxPending: 3 }, outliers: { errors: 0 } }), {
      loadBalancer: { simple: "ROUND_ROBIN", localityLbSetting: { enabled: false } },
      connectionPool: {
        tcp: { ...pool.tcp, maxConnections: 7 },
        http: { ...pool.http, http1MaxPendingRequests: 3 },
      },
    });
  });

  it("is how long a request may take, and how often it is sent again: read-only ones by a rule of their own", async () => {
    const route = [{ destination: { host: "shop", subset: "one-image" }, weight: 100 }];
    const safe = "connect-failure,refused-stream,reset-before-request";
    assert.deepEqual(await rulesOf({ timeoutSeconds: 0.5, retries: { attempts: 0, readOnlyAttempts: 3 } }), [
      {
        match: [{ method: { regex: "GET|HEAD|OPTIONS" } }],
        route,
        timeout: "500ms",
        retries: { attempts: 3, retryOn: `${safe},gateway-error,reset` },
      },
      { route, timeout: "500ms", retries: { attempts: 0 } },
    ]);
  });

  it("is no limit of a request's time when that is 0: the API server would refuse it", async () => {
    const [rule] = (await rulesOf({ timeoutSeconds: 0 })) as object[];
    assert.ok(rule && !("timeout" in rule));
  });

  it("tells callers apart by the end of the header that the pod's own proxy writes, with their namespace", async () => {
    const callers = { cart: { requests: 5 } };
    const recording = await shop({ callers: ["cart"], traffic: { limits: { callers } } });
    const text = JSON.stringify(specOf(recording, "shop/limits"));
    assert.ok(text.includes('"suffix":"/ns/apps/sa/cart"'), text);
  });

  it("is how many requests a pod takes; without, it makes no filter", async () => {
    assert.equal((await shop()).ofType("EnvoyFilter").length, 0);
    const all = { requests: 100, seconds: 60 };
    const { workloadSelector, configPatches } = specOf(await shop({ traffic: { limits: { all } } }), "shop/limits") as {
      workloadSelector: object;
      configPatches: { patch: { value: { typed_config: Record<string, unknown> } } }[];
    };
    assert.deepEqual(workloadSelector, { labels: { app: "shop" } });
    const config = configPatches[0]?.patch.value.typed_config;
    assert.deepEqual(config?.["token_bucket"], { max_tokens: 100, tokens_per_fill: 100, fill_interval: "60s" });
  });
});

describe("who may send requests to whom", () => {
  const security = "security.istio.io/v1";
  const from = (...accounts: string[]) => [
    { from: [{ source: { principals: accounts.map((account) => `cluster.local/ns/ftgo/sa/${account}`) } }] },
  ];
  const select = (app: string) => ({ matchLabels: { app } });

  it("is what config says; what is exposed takes requests from everybody, at its port alone", async () => {
    const recording = await ftgo({ services: { restaurant: {}, consumer: { callers: [] }, gateway: {} } });
    assert.equal(recording.get("ftgo-restaurant-service/callers").inputs["apiVersion"], security);
    assert.deepEqual(specOf(recording, "ftgo-restaurant-service/callers"), {
      selector: select("ftgo-restaurant-service"),
      action: "ALLOW",
      rules: from("ftgo-api-gateway"),
    });
    assert.deepEqual(specOf(recording, "ftgo-consumer-service/callers")["rules"], []);
    assert.deepEqual(specOf(recording, "ftgo-api-gateway/callers")["rules"], [
      { to: [{ operation: { ports: ["8080"] } }] },
    ]);
  });

  it("lets those services use the data stores that say so, and what the stores need themselves", async () => {
    const recording = await ftgo();
    const services = ["ftgo-restaurant-service", "ftgo-consumer-service"];
    assert.deepEqual(specOf(recording, "data/mysql/callers")["rules"], from(...services, "ftgo-mysql-login"));
    assert.deepEqual(specOf(recording, "data/kafka/callers")["rules"], from(...services, "ftgo-kafka"));
    assert.deepEqual(specOf(recording, "data/zookeeper/callers")["rules"], from(...services, "ftgo-kafka"));
  });

  it("is nobody else, in a namespace of mutual TLS, once all of that is there", async () => {
    const recording = await ftgo();
    assert.deepEqual(specOf(recording, "security/mutual-tls"), { mtls: { mode: "STRICT" } });
    assert.deepEqual(specOf(recording, "security/callers"), { action: "ALLOW", rules: [] });
    for (const name of ["data/mysql", "ftgo-consumer-service", "ftgo-api-gateway"])
      assert.ok(recording.isLater("security/callers", `${name}/callers`), name);
    assert.ok(recording.isLater("security/mutual-tls", "ftgo-api-gateway/mutual-tls"));
    assert.deepEqual(specOf(recording, "ftgo-api-gateway/mutual-tls"), {
      selector: select("ftgo-api-gateway"),
      mtls: { mode: "STRICT" },
      portLevelMtls: { 8080: { mode: "PERMISSIVE" } },
    });
  });

  it("is everybody while mutual TLS is PERMISSIVE, by rules that can become strict one after the other", async () => {
    const recording = await ftgo({ mesh: { charts: "charts", mtls: "PERMISSIVE" } });
    const policies = recording.ofType("AuthorizationPolicy").filter(({ name }) => !name.startsWith("ftgo-api-gateway"));
    for (const { name } of policies) assert.deepEqual(specOf(recording, name)["rules"], [{}], name);
    assert.deepEqual(specOf(recording, "security/mutual-tls"), { mtls: { mode: "PERMISSIVE" } });
  });

  it("keeps a tester's header from outside to those whom config names", async () => {
    const expose = { kind: "LoadBalancer", testers: { from: ["192.0.2.0/24"] } };
    const recording = await ftgo({ services: { restaurant: {}, consumer: {}, gateway: { expose } } });
    assert.deepEqual(specOf(recording, "ftgo-api-gateway/testers"), {
      selector: select("ftgo-api-gateway"),
      action: "DENY",
      rules: [
        {
          from: [{ source: { notPrincipals: ["*"], notRemoteIpBlocks: ["192.0.2.0/24"] } }],
          to: [{ operation: { ports: ["8080"] } }],
          when: [{ key: "request.headers[testuser]", values: ["*"] }],
        },
      ],
    });
  });
});

describe("config that would say one thing and do another is refused", () => {
  const versions = { v1: { image: "shop:1" }, v2: { image: "shop:2" } };
  const gateway = (expose: object) => ({ image: "gateway:1", expose: { kind: "LoadBalancer", ...expose } });
  const cases: [what: string, values: Record<string, unknown>, problem: string][] = [
    [
      "versions of an exposed service",
      { services: { gateway: { ...gateway({}), image: undefined, versions, stable: "v1" } } },
      "ftgo:services.gateway.versions are several, and with `expose.kind` LoadBalancer requests from outside reach all of them, whatever `canary` says; keep one, whose new image rolls its pods",
    ],
    [
      "testers by a header that nobody guards",
      {
        services: {
          gateway: gateway({ testers: {} }),
          shop: { versions, stable: "v1", canary: { version: "v2", testers: { header: "x-tester" } } },
        },
      },
      'ftgo:services.shop.canary.testers.header is "x-tester", and services.gateway.expose.testers guards "testuser"; use one',
    ],
    [
      "testers by their addresses, where another load balancer may be",
      {
        cluster: { kind: "kubeconfig", context: "mine" },
        services: { gateway: gateway({ testers: { from: ["192.0.2.0/24"] } }) },
      },
      "ftgo:services.gateway.expose.testers.from needs a Classic ELB of an EKS cluster, which tells where a request comes from; leave it empty",
    ],
    [
      "services beside the control plane",
      { namespace: "istio-system", services: { shop: { image: "shop:1" } } },
      'ftgo:namespace is "istio-system", where the control plane is; choose another',
    ],
    [
      "a service with the name of another one's policy",
      { services: { gateway: gateway({ testers: {} }), other: { image: "o:1", name: "ftgo-api-gateway-testers" } } },
      "ftgo:services.other.name is ftgo-api-gateway-testers, which services.gateway.expose.testers has already",
    ],
  ];
  for (const [what, values, problem] of cases) {
    it(what, () => {
      const secrets = { databasePassword: { secure: "" }, databaseAdminPassword: { secure: "" } };
      const raw = { cluster: { kind: "embedded" }, secrets, ...values };
      const problems = problemsOf(() => parseStackConfig(raw, "a file"));
      assert.deepEqual(
        problems.map(({ path, message }) => `${path} ${message}`),
        [problem],
      );
    });
  }

  it("but not an exposed restaurant service, whose caller is the preset's", () => {
    const given = { services: { restaurant: { expose: { kind: "NodePort" } }, gateway: {} } };
    const secrets = { databasePassword: { secure: "" }, databaseAdminPassword: { secure: "" } };
    assert.deepEqual(
      problemsOf(() => parseStackConfig({ cluster: { kind: "embedded" }, secrets, ...given }, "a file")),
      [],
    );
  });
});
