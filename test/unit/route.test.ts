import { strict as assert } from "node:assert";
import fc from "fast-check";
import { defineService } from "../../components/config";
import { routedSubsets } from "../../components/config";
import { httpRules } from "../../components/services/route";
import { ftgo } from "./ftgo-program";

const host = "ftgo-consumer-service";
const images = {
  v1: { image: "msapatterns/ftgo-consumer-service:latest" },
  v2: { image: "ftgo-consumer-service:v2" },
};
const testers = { header: "testuser", regex: "^.+$" };
const match = [{ headers: { testuser: { regex: "^.+$" } } }];
const sending = {
  timeout: "15s",
  retries: { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" },
};
const to = (subset: string, weight?: number) => ({
  destination: { host, subset },
  ...(weight !== undefined && { weight }),
});
const all = (version: string) => [{ route: [to(version, 100)], ...sending }];
const shares = (v1: number, v2: number) => ({ route: [to("v1", v1), to("v2", v2)], ...sending });

/** What the stack file says of the consumer service, and what then is the route. */
const steps: [step: string, consumer: object, http: object[], routed: string[]][] = [
  ["before: one version", { versions: { v1: images.v1 } }, all("v1"), ["v1"]],
  [
    "1, deploy: v2 runs without users",
    { versions: images, stable: "v1", canary: { version: "v2", weight: 0 } },
    all("v1"),
    ["v1"],
  ],
  [
    "2, test: testers get v2",
    { versions: images, stable: "v1", canary: { version: "v2", weight: 0, testers } },
    [{ match, route: [to("v2")], ...sending }, ...all("v1")],
    ["v1", "v2"],
  ],
  [
    "3, a few users, and testers",
    { versions: images, stable: "v1", canary: { version: "v2", weight: 5, testers } },
    [{ match, route: [to("v2")], ...sending }, shares(95, 5)],
    ["v1", "v2"],
  ],
  [
    "3, a few users alone",
    { versions: images, stable: "v1", canary: { version: "v2", weight: 5 } },
    [shares(95, 5)],
    ["v1", "v2"],
  ],
  [
    "4, half of them",
    { versions: images, stable: "v1", canary: { version: "v2", weight: 50 } },
    [shares(50, 50)],
    ["v1", "v2"],
  ],
  ["4, all of them", { versions: images, stable: "v1", canary: { version: "v2", weight: 100 } }, all("v2"), ["v2"]],
  [
    "4, all of them, and testers",
    { versions: images, stable: "v1", canary: { version: "v2", weight: 100, testers } },
    [{ match, route: [to("v2")], ...sending }, ...all("v2")],
    ["v2"],
  ],
  ["5, finish: v2 is stable", { versions: images, stable: "v2" }, all("v2"), ["v2"]],
  ["5, finish: v1 is deleted", { versions: { v2: images.v2 }, stable: "v2" }, all("v2"), ["v2"]],
  ["5, back: v2 stays without users", { versions: images, stable: "v1" }, all("v1"), ["v1"]],
];

describe("the consumer service's route", () => {
  for (const [step, consumer, http, routed] of steps) {
    describe(`in step ${step}`, () => {
      const recording = () => ftgo({ services: { consumer } });

      it("is this one", async () => {
        assert.deepEqual((await recording()).get("ftgo-consumer-service/route").inputs["spec"], {
          hosts: [host],
          http,
        });
      });

      it("waits for the subset and the pods of the versions that it names, and of no other", async () => {
        const { dependsOn } = (await recording()).get("ftgo-consumer-service/route");
        const names = dependsOn.map((urn) => urn.split("::").at(-1) ?? "").filter((name) => /\/v\d/.test(name));
        assert.deepEqual(names.sort(), routed.flatMap((v) => [`${host}/${v}`, `${host}/${v}/subset`]).sort());
      });

      it("leaves every version's subset and pods where they are", async () => {
        const { all: registered } = await recording();
        const versions = Object.keys((consumer as { versions: object }).versions);
        const names = registered
          .map(({ name }) => name)
          .filter((name) => /^ftgo-consumer-service\/v\d(\/subset)?$/.test(name));
        assert.deepEqual(names.sort(), versions.flatMap((v) => [`${host}/${v}`, `${host}/${v}/subset`]).sort());
      });
    });
  }

  it("waits for the Service and the policy, too", async () => {
    const recording = await ftgo({ services: { consumer: { versions: images, stable: "v1" } } });
    assert.ok(recording.isAfter("ftgo-consumer-service/route", "ftgo-consumer-service/service"));
    assert.ok(recording.isAfter("ftgo-consumer-service/route", "ftgo-consumer-service/policy"));
  });

  it("lets the pods of versions that it does not name wait for it: until it is there, requests go to all", async () => {
    const canary = { version: "v2", weight: 0 };
    const recording = await ftgo({ services: { consumer: { versions: images, stable: "v1", canary } } });
    assert.ok(recording.isLater(`${host}/v2`, `${host}/route`));
    assert.ok(recording.isLater(`${host}/route`, `${host}/v1`));
    // An edge would stay in the state, and be the wrong way round when a rollback of the route alone names the version again.
    assert.ok(!recording.isAfter(`${host}/v2`, `${host}/route`));
  });

  it("goes with a policy that spreads requests evenly, of which no version has one of its own", async () => {
    const recording = await ftgo({ services: { consumer: { versions: images, stable: "v1" } } });
    const specs = recording.ofType("DestinationRule").map(({ name, inputs }) => [name, inputs["spec"]]);
    assert.deepEqual(Object.fromEntries(specs), {
      "ftgo-consumer-service/policy": {
        host,
        trafficPolicy: {
          loadBalancer: { simple: "ROUND_ROBIN", localityLbSetting: { enabled: false } },
          connectionPool: { tcp: { connectTimeout: "5s" }, http: { idleTimeout: "10s" } },
          outlierDetection: {
            consecutive5xxErrors: 5,
            interval: "5s",
            baseEjectionTime: "30s",
            maxEjectionPercent: 50,
          },
        },
      },
      "ftgo-consumer-service/v1/subset": { host, subsets: [{ name: "v1", labels: { version: "v1" } }] },
      "ftgo-consumer-service/v2/subset": { host, subsets: [{ name: "v2", labels: { version: "v2" } }] },
    });
  });

  it("leads to the pods of one image alone when it has that, so that versions come and go unseen (promise 1)", async () => {
    const recording = await ftgo({ services: { consumer: {} } });
    const subset = "one-image";
    const http = [{ route: [{ destination: { host, subset }, weight: 100 }], ...sending }];
    const labels = { "ftgo/subset": subset };
    assert.deepEqual(recording.get(`${host}/route`).inputs["spec"], { hosts: [host], http });
    assert.deepEqual(recording.get(`${host}/one-image/subset`).inputs["spec"], {
      host,
      subsets: [{ name: subset, labels }],
    });
    const { selector, template } = recording.get(`${host}/deployment`).inputs["spec"] as DeploymentSpec;
    assert.deepEqual(template.metadata.labels, { app: host, ...labels });
    assert.deepEqual(selector.matchLabels, { app: host }, "it cannot be changed where it runs");
    for (const earlier of ["deployment", "one-image/subset"])
      assert.ok(recording.isAfter(`${host}/route`, `${host}/${earlier}`));
  });
});

interface DeploymentSpec {
  readonly selector: { readonly matchLabels: object };
  readonly template: { readonly metadata: { readonly labels: object } };
}

describe("any route", () => {
  const version = fc.constantFrom("v1", "v2", "v3", "v4");
  const canary = fc.option(
    fc.record({
      version,
      weight: fc.oneof(fc.constantFrom(0, 100), fc.integer({ min: 0, max: 100 })),
      testers: fc.option(fc.constant(testers), { nil: undefined }),
    }),
    { nil: undefined },
  );
  const release = fc
    .record({ names: fc.uniqueArray(version, { minLength: 1 }), stable: version, canary })
    .filter(({ names, stable }) => names.includes(stable))
    .filter(
      ({ names, stable, canary: other }) => !other || (names.includes(other.version) && other.version !== stable),
    );

  /** The rules as config makes them. */
  function rulesOf({ names, stable, canary: given }: Release) {
    const versions = Object.fromEntries(names.map((name) => [name, { image: `shop:${name}` }]));
    const service = defineService("shop", { versions, stable, canary: given });
    assert.ok(service.route);
    return { http: httpRules(service), routed: routedSubsets(service) };
  }
  type Release = typeof release extends fc.Arbitrary<infer T> ? T : never;

  const check = (property: (release: Release, rules: ReturnType<typeof rulesOf>) => void) =>
    fc.assert(fc.property(release, (given) => property(given, rulesOf(given))));

  it("gives away 100 percent, in every rule", () =>
    check((_, { http }) => {
      for (const { route } of http) {
        // The testers' one destination gets all of them without a word.
        const weights = route.map(({ weight = route.length === 1 ? 100 : NaN }) => weight);
        assert.equal(
          weights.reduce((sum, weight) => sum + weight, 0),
          100,
        );
        assert.ok(weights.every((weight) => weight !== 0));
      }
    }));

  it("gives users the shares that config says", () =>
    check(({ stable, canary: given }, { http }) => {
      const users = http.at(-1)?.route ?? [];
      const share = (version: string) => {
        const found = users.find(({ destination }) => destination.subset === version);
        return found === undefined ? 0 : (found.weight ?? 100);
      };
      assert.equal(share(stable), 100 - (given?.weight ?? 0));
      if (given !== undefined) assert.equal(share(given.version), given.weight);
    }));

  it("names versions that config names, and none at 0 % without testers", () =>
    check(({ stable, canary: given }, { http }) => {
      const named = new Set(http.flatMap(({ route }) => route.map(({ destination }) => destination.subset)));
      for (const name of named) assert.ok(name === stable || name === given?.version, name);
      if (given?.weight === 0 && given.testers === undefined) assert.ok(!named.has(given.version));
      if (given?.weight === 100) assert.ok(!named.has(stable));
    }));

  it("waits for what it names, no more and no less", () =>
    check((_, { http, routed }) => {
      const named = new Set(http.flatMap(({ route }) => route.map(({ destination }) => destination.subset)));
      assert.deepEqual([...named].sort(), [...routed].sort());
    }));

  it("asks for testers first, and for nothing in its last rule", () =>
    check(({ canary: given }, { http }) => {
      assert.equal(http.length, given?.testers === undefined ? 1 : 2);
      assert.ok(!("match" in (http.at(-1) ?? {})));
      if (given?.testers === undefined) return;
      const [first] = http;
      assert.deepEqual(first && "match" in first && first.match, match);
      assert.deepEqual(
        first?.route.map(({ destination }) => destination.subset),
        [given.version],
      );
    }));
});
