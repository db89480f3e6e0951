import assert from "node:assert/strict";
import type { Platform } from "../platform-lab";
import { Services } from "../services-lab";
import { platform } from "../shared-platform";
import { audiences, brokenRoutes, collections, type Route, Watch } from "../watch";

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
  (to) => [{ route: [share(to("v1"), 100)] }],
  (to) => [{ route: [share(to("v1"), 100)] }],
  (to) => [testersGet(to("v2")), { route: [share(to("v1"), 100)] }],
  (to) => [testersGet(to("v2")), { route: [share(to("v1"), 95), share(to("v2"), 5)] }],
  (to) => [{ route: [share(to("v1"), 50), share(to("v2"), 50)] }],
  (to) => [{ route: [share(to("v2"), 100)] }],
  (to) => [{ route: [share(to("v2"), 100)] }],
];
const share = (destination: object, weight: number) => ({ ...destination, weight });
const testersGet = (destination: object) => ({
  match: [{ headers: { testuser: { regex: "^.+$" } } }],
  route: [destination],
});

/** One service for each state to begin with: in the n-th update every one goes n states on, so 6 updates are all 42 steps. */
const names = states.map((_, index) => `app${index}`);
const stateIn = (service: number, update: number) => (service + (update * (update + 1)) / 2) % states.length;
const steps = [1, 2, 3, 4, 5, 6];
const edits = (update: number): Record<string, unknown> =>
  Object.fromEntries(names.map((name, service) => [`services.${name}`, states[stateIn(service, update)]?.config]));

describe("Releases by config edits alone, in the stack of a team", () => {
  let lab: Platform;
  let shop: Services;
  let watch: Watch | undefined;
  const assertLive = async (update: number) => {
    const found = await lab.list<Route>("virtualservices", "-n", shop.name);
    const live = new Map(found.map(({ metadata, spec }) => [metadata.name, audiences(spec)]));
    const deployments = (await lab.list("deployments", "-n", shop.name)).map(({ metadata }) => metadata.name);
    for (const [service, name] of names.entries()) {
      const state = states[stateIn(service, update)];
      const expected = routes[stateIn(service, update)]?.((subset) => ({ destination: { host: name, subset } }));
      assert.deepEqual(live.get(name), expected, `${name}: ${state?.name ?? ""}`);
      const versions = Object.keys(state?.config.versions ?? {}).map((version) => `${name}-${version}`);
      assert.deepEqual(deployments.filter((deployment) => deployment.startsWith(`${name}-`)).sort(), versions);
    }
  };

  before(async () => {
    lab = await platform();
    await lab.ensureUp();
    shop = await Services.open(lab, "shop");
    shop.set(edits(0));
    await shop.project.up({ refresh: false });
    watch = await Watch.open(lab, collections.pods, collections.routes, collections.rules);
  });
  after(() => watch?.stop());

  it("begin in any state at once", () => assertLive(0));

  for (const update of steps) {
    it(`take steps from each state to each other: 7 of the 42, those by ${update}`, async () => {
      shop.set(edits(update));
      if (update === 3) await shop.pulumi(["up", "--yes", "--skip-preview"]);
      else await shop.project.up({ refresh: false });
      await assertLive(update);
    });
  }

  it("have taken each step from every other one", () => {
    const taken = steps.flatMap((update) => names.map((_, i) => `${stateIn(i, update - 1)} ${stateIn(i, update)}`));
    assert.equal(new Set(taken).size, states.length * (states.length - 1));
  });

  it("have never named a version without a ready pod or without its subset", async () => {
    assert.ok(watch);
    const moments = await watch.close();
    assert.ok(moments.length > 100);
    for (const moment of moments) assert.deepEqual(brokenRoutes(moment), []);
  });

  it("go with their stack, and leave the platform's services alone", async () => {
    const pods = async () => (await lab.list("pods")).map(({ metadata }) => metadata.name).sort();
    const before = await pods();
    await shop.project.destroy();
    const namespaces = (await lab.list("namespaces")).map(({ metadata }) => metadata.name);
    assert.ok(!namespaces.includes(shop.name));
    assert.deepEqual(await pods(), before);
  });

  it("touch no cluster but their own", () => assert.equal(lab.strays, 0));
});
