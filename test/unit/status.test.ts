import { strict as assert } from "node:assert";
import { type ClusterConfig, parseStackConfig } from "../../components/config";
import type { Cluster } from "../../automation/cluster";
import { type Live, type LiveDeployment, readLive, toLiveAudience } from "../../automation/live";
import { findService } from "../../automation/release";
import { describeCluster, goneServices, toServiceStatus } from "../../automation/status";
import { renderStatus, serviceRows } from "../../automation/terminal/render";
import { bar, formatDuration, styles } from "../../automation/terminal/text";
import { eksConfig } from "./aws-mocks";
import { secrets } from "./refusals";

const environment = parseStackConfig(
  {
    cluster: { kind: "embedded" },
    services: {
      restaurant: { image: "r:1" },
      consumer: {
        versions: { v1: { image: "c:1" }, v2: { image: "c:2" } },
        stable: "v1",
        canary: { version: "v2", weight: 5 },
      },
    },
    secrets,
  },
  "test",
);
const route = (weight: number) => ({
  http: [
    { match: [{ headers: { testuser: { regex: "^.+$" } } }], route: [{ destination: { host: "x", subset: "v2" } }] },
    {
      route: [
        { destination: { host: "x", subset: "v1" }, weight: 100 - weight },
        { destination: { host: "x", subset: "v2" }, weight },
      ],
    },
  ],
});
const deployment = (image: string, ready = 1, desired = 1, isRolledOut = true) => ({
  image,
  ready,
  desired,
  old: 0,
  isRolledOut,
});
type Labels = Pick<LiveDeployment, "labels">;
const whole: Labels = { labels: { "ftgo/subset": "one-image" } };
const ofVersion = (version: string): Labels => ({ labels: { app: "ftgo-consumer-service", version } });
const live = (more: Partial<Record<string, LiveDeployment>> = {}): Live => ({
  deployments: new Map(
    Object.entries({
      "ftgo-restaurant-service": { ...whole, ...deployment("r:1", 2, 2) },
      "ftgo-consumer-service-v1": { ...ofVersion("v1"), ...deployment("c:1") },
      "ftgo-consumer-service-v2": { ...ofVersion("v2"), ...deployment("c:2") },
      ...more,
    }).filter((entry): entry is [string, LiveDeployment] => entry[1] !== undefined),
  ),
  routes: new Map([["ftgo-consumer-service", { weights: { v1: 95, v2: 5 } }]]),
  subsets: new Map([["ftgo-consumer-service", new Set(["v1", "v2"])]]),
});
const differences = (key: string, now: Live) => toServiceStatus(findService(environment, key), now).differences;

describe("ftgo status", () => {
  it("names the cluster", () => {
    const clusters: [ClusterConfig, string][] = [
      [{ kind: "embedded" }, "embedded, on this machine"],
      [{ kind: "kubeconfig", path: "mine", context: "mine" }, "context mine"],
      [eksConfig(), "EKS ftgo-test, eu-central-1"],
    ];
    for (const [cluster, name] of clusters) assert.equal(describeCluster({ ...environment, cluster }), name);
  });

  it("reads who gets what from the route, testers too", () => {
    assert.deepEqual(toLiveAudience(route(5)), {
      weights: { v1: 95, v2: 5 },
      testers: { header: "testuser", regex: "^.+$", version: "v2" },
    });
    assert.deepEqual(toLiveAudience({ http: [{ route: [{ destination: { subset: "v1" } }] }] }), {
      weights: { v1: 100 },
    });
  });

  it("finds no difference where there is none", () => {
    assert.deepEqual([...differences("restaurant", live()), ...differences("consumer", live())], []);
  });

  const cases: [what: string, key: string, now: Live, expected: RegExp][] = [
    [
      "an image after `kubectl rollout undo` (D2)",
      "restaurant",
      live({ "ftgo-restaurant-service": { ...whole, ...deployment("r:0", 2, 2) } }),
      /runs r:0, the stack file says r:1/,
    ],
    [
      "replicas changed by hand",
      "restaurant",
      live({ "ftgo-restaurant-service": { ...whole, ...deployment("r:1", 5, 5) } }),
      /has 5 replicas, the stack file says 2/,
    ],
    [
      "a rollout that is not through, though as many pods as wanted are ready",
      "restaurant",
      live({ "ftgo-restaurant-service": { ...whole, ...deployment("r:1", 2, 2, false) } }),
      /^ftgo-restaurant-service is rolling out, or cannot: not all of its pods are new and ready$/,
    ],
    [
      "pods that the mesh does not know, as after `kubectl rollout undo` to a revision of before their label",
      "restaurant",
      live({ "ftgo-restaurant-service": { labels: {}, ...deployment("r:1", 2, 2) } }),
      /^ftgo-restaurant-service has pods without the label of their subset: they get no requests$/,
    ],
    [
      "a version that does not run",
      "consumer",
      live({ "ftgo-consumer-service-v2": undefined }),
      /service-v2 does not run/,
    ],
    [
      "a version that nobody wants",
      "consumer",
      live({ "ftgo-consumer-service-v0": { ...ofVersion("v0"), ...deployment("c:0") } }),
      /service-v0 runs and is not in the stack file/,
    ],
    [
      "another route",
      "consumer",
      { ...live(), routes: new Map([["ftgo-consumer-service", toLiveAudience(route(50))]]) },
      /live: users get 50 % v1, 50 % v2.*the stack file says: users get 95 %/,
    ],
  ];
  for (const [what, key, now, expected] of cases) {
    it(`names ${what}`, () => assert.match(differences(key, now).join("\n"), expected));
  }

  it("takes no Deployment of a service for another one's, whose name it begins with", () => {
    const history = { ...deployment("h:1"), labels: { app: "ftgo-consumer-service-history" } };
    assert.deepEqual(differences("consumer", live({ "ftgo-consumer-service-history": history })), []);
  });

  it("names what runs of a service that is gone from the stack file, and nothing that another hand has made", () => {
    const gone = { ...deployment("o:1"), labels: { app: "orders" }, fingerprint: "x" };
    const byHand = { ...deployment("t:1"), labels: { app: "toolbox" } };
    const ours = { ...deployment("c:1"), ...ofVersion("v1"), fingerprint: "x" };
    const now = live({ orders: gone, toolbox: byHand, "ftgo-consumer-service-v1": ours });
    assert.deepEqual(goneServices(environment.services, now), ["orders runs and is not in the stack file"]);
  });

  it("shows a bar for every version, what differs, and why pods are not ready", () => {
    const services = environment.services.map((service) => toServiceStatus(service, live()));
    const status = {
      stack: "local",
      cluster: "here",
      namespace: "ftgo",
      gateway: { url: "http://127.0.0.1:8080" },
      services,
      gone: ["orders runs and is not in the stack file"],
      unready: ["pod ftgo-consumer-service-v2-x container app: ImagePullBackOff"],
      byHand: [],
    };
    assert.equal(
      renderStatus(status, styles(false)),
      [
        "stack local · here · gateway http://127.0.0.1:8080",
        "",
        "  service     version  image  ready  users",
        "  restaurant           r:1    2/2",
        "  consumer    v1       c:1    1/1    ███████████████████░  95 %",
        "              v2       c:2    1/1    █░░░░░░░░░░░░░░░░░░░   5 %",
        "",
        "live and stack file differ:",
        "  orders runs and is not in the stack file",
        "  `ftgo up` brings the cluster to the stack file",
        "",
        "not ready:",
        "  pod ftgo-consumer-service-v2-x container app: ImagePullBackOff",
        "",
      ].join("\n"),
    );
  });

  it("tells pods of an earlier template apart, as while a rollout is stuck", async () => {
    const spec = { replicas: 2, template: { spec: { containers: [{ image: "s:2" }] } } };
    const status = { replicas: 3, updatedReplicas: 1, readyReplicas: 2 };
    const object = { kind: "Deployment", metadata: { name: "shop" }, spec, status };
    const cluster = { get: () => Promise.resolve([object]) } as unknown as Cluster;
    const running = (await readLive("shop", cluster)).deployments.get("shop");
    const versions = [{ deployment: "shop", live: running }];
    const rows = serviceRows({ key: "shop", name: "shop", versions, differences: [] }, styles(false));
    assert.deepEqual(rows, [["shop", "", "s:2", "2/2, 2 old", ""]]);
  });

  it("shows a share that is not zero, however small", () => {
    assert.equal(bar(1, 10), "█░░░░░░░░░");
    assert.equal(bar(0, 10), "░░░░░░░░░░");
    assert.equal(bar(100, 10), "██████████");
  });

  it("writes durations as people read them", () => {
    assert.deepEqual([412, 12_300, 185_000].map(formatDuration), ["0.4 s", "12 s", "3 min 5 s"]);
  });
});
