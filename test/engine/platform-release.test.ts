import assert from "node:assert/strict";
import { passwordIn, type Platform, platform, succeeded } from "./platform-lab";
import { collections, type Moment, readyPods, Watch } from "./platform-watch";

const testers = { header: "testuser", regex: "^.+$" };
const v1 = { v1: { image: "shop/app:1" } };
const v2 = { v2: { image: "shop/app:2" } };
const both = { versions: { ...v1, ...v2 }, stable: "v1" };

interface State {
  readonly name: string;
  /** What the stack file says. */
  readonly config: {
    readonly versions: Readonly<Record<string, object>>;
    readonly stable: string;
    readonly canary?: object;
  };
}

/** The states of a release, in their order. */
const states: readonly State[] = [
  { name: "v1 alone", config: { versions: v1, stable: "v1" } },
  { name: "v2 deployed", config: { ...both, canary: { version: "v2", weight: 0 } } },
  { name: "testers", config: { ...both, canary: { version: "v2", weight: 0, testers } } },
  { name: "canary 5", config: { ...both, canary: { version: "v2", weight: 5, testers } } },
  { name: "ramp 50", config: { ...both, canary: { version: "v2", weight: 50 } } },
  { name: "ramp 100", config: { ...both, canary: { version: "v2", weight: 100 } } },
  { name: "v2 alone", config: { versions: v2, stable: "v2" } },
];

/** What the live route must be in each state. `to` is the destination of one version. */
const routes: ((to: (version: string) => object) => object[])[] = [
  (to) => [{ route: [to("v1")] }],
  (to) => [{ route: [to("v1")] }],
  (to) => [testersGet(to("v2")), { route: [to("v1")] }],
  (to) => [testersGet(to("v2")), { route: [share(to("v1"), 95), share(to("v2"), 5)] }],
  (to) => [{ route: [share(to("v1"), 50), share(to("v2"), 50)] }],
  (to) => [{ route: [to("v2")] }],
  (to) => [{ route: [to("v2")] }],
];
const share = (destination: object, weight: number) => ({ ...destination, weight });
const testersGet = (destination: object) => ({
  match: [{ headers: { testuser: { regex: "^.+$" } } }],
  route: [destination],
});

/** One service for each state to begin with: in the n-th update every one goes n states on, so 6 updates are all 42 steps. */
const services = states.map((_, index) => `app${index}`);
const stateIn = (service: number, update: number) => (service + (update * (update + 1)) / 2) % states.length;
const steps = [1, 2, 3, 4, 5, 6];

interface Route {
  readonly http: { readonly route: { readonly destination: { readonly host: string; readonly subset: string } }[] }[];
}
interface Rule {
  readonly host: string;
  readonly subsets?: { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
}

describe("A release by config edits alone", function () {
  this.timeout(120_000);
  let lab: Platform;
  let watch: Watch | undefined;
  /** The consumer service goes through the steps in their order meanwhile. */
  const wanted = (update: number) => [
    ...services.map((name, index) => ({ key: name, name, state: stateIn(index, update) })),
    { key: "consumer", name: "ftgo-consumer-service", state: update },
  ];
  const edits = (update: number): Record<string, unknown> =>
    Object.fromEntries(
      wanted(update).flatMap(({ key, state }): [string, unknown][] => {
        const config = states[state]?.config;
        return [
          [`services.${key}.versions`, config?.versions],
          [`services.${key}.stable`, config?.stable],
          [`services.${key}.canary`, config?.canary],
        ];
      }),
    );
  const assertLive = async (update: number) => {
    const found = await lab.list<Route>("virtualservices");
    const live = new Map(found.map(({ metadata, spec }) => [metadata.name, spec.http]));
    const deployments = (await lab.list("deployments")).map(({ metadata }) => metadata.name);
    for (const { name, state } of wanted(update)) {
      const expected = routes[state]?.((subset) => ({ destination: { host: name, subset } }));
      assert.deepEqual(live.get(name), expected, `${name}: ${states[state]?.name ?? ""}`);
      const versions = Object.keys(states[state]?.config.versions ?? {}).map((version) => `${name}-${version}`);
      assert.deepEqual(deployments.filter((deployment) => deployment.startsWith(`${name}-`)).sort(), versions);
    }
  };

  before(async () => {
    lab = await platform();
    await lab.bring(edits(0));
    watch = await Watch.open(lab, collections.pods, collections.routes, collections.rules);
  });
  after(() => watch?.stop());

  it("begins in any state at once", () => assertLive(0));

  for (const update of steps) {
    const title = `${states[update - 1]?.name ?? ""} → ${states[update]?.name ?? ""}, and 7 of the 42 steps from each state to each other`;
    it(title, async () => {
      lab.set(edits(update));
      if (update === 3) await lab.up();
      else await lab.project.up({ refresh: false });
      await assertLive(update);
    });
  }

  it("has taken each step from every other one", () => {
    const taken = steps.flatMap((update) => services.map((_, i) => `${stateIn(i, update - 1)} ${stateIn(i, update)}`));
    assert.equal(new Set(taken).size, states.length * (states.length - 1));
  });

  it("has never named a version without a ready pod or without its subset", async () => {
    assert.ok(watch);
    const moments = await watch.close();
    assert.ok(moments.length > 100);
    for (const moment of moments) assert.deepEqual(broken(moment), []);
  });

  it("goes on by `ftgo promote`, one command for one key, and back by a rollback of the route alone", async () => {
    const http = async () => (await lab.get<Route>("virtualservice", "app2")).spec.http;
    const to = (subset: string) => ({ destination: { host: "app2", subset } });
    succeeded(await lab.ftgo("promote", "app2", "--weight", "25"));
    assert.deepEqual(await http(), [testersGet(to("v2")), { route: [share(to("v1"), 75), share(to("v2"), 25)] }]);
    assert.match(lab.config, /weight: 25/);
    const { changes } = await lab.project.rollback("app2");
    assert.deepEqual(
      changes.map(({ name }) => name),
      ["app2/route"],
    );
    assert.deepEqual(await http(), [{ route: [to("v1")] }]);
  });

  it("has told nobody the password, as all the updates before it", async () => {
    assert.deepEqual(await passwordIn(lab), []);
  });

  it("touches no cluster but its own", () => assert.equal(lab.strays, 0));
});

/** What requests would run into at a moment. */
function broken(moment: Moment): string[] {
  const rules = [...(moment.get(collections.rules)?.values() ?? [])].map(({ spec }) => spec as Rule);
  return [...(moment.get(collections.routes)?.values() ?? [])].flatMap(({ metadata, spec }) =>
    (spec as Route).http
      .flatMap(({ route }) => route.map(({ destination }) => destination))
      .flatMap(({ host, subset }) => {
        const labels = rules.filter((rule) => rule.host === host).flatMap((rule) => rule.subsets ?? []);
        const found = labels.find(({ name }) => name === subset)?.labels;
        if (found === undefined) return [`${metadata.name} names ${subset}, which has no subset`];
        return readyPods(moment, { app: host, ...found }).length > 0
          ? []
          : [`${metadata.name} names ${subset}: no pod`];
      }),
  );
}
