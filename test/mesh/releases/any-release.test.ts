import assert from "node:assert/strict";
import fc from "fast-check";
import { springRoutes } from "../../../components/config/presets";
import type { Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { eachDuring, lost, rate, type Sent } from "../load";

/** Services that go through sequences of their own, beside each other; `npm run soak:releases` has more of them. */
const keys = Array.from({ length: Number(process.env["FTGO_SERVICES"] ?? 4) }, (_, index) => `fruit${index}`);
/** How many sequences are tried, in all. */
const sequences = Number(process.env["FTGO_RUNS"] ?? keys.length);
/** The longest that they are tried, and one that fails is made shorter. */
const minutes = Number(process.env["FTGO_MINUTES"] ?? 10);
/** What config says of a service. Without versions it has one image. */
interface State {
  readonly versions: readonly string[];
  readonly stable: string;
  readonly canary?: { readonly version: string; readonly weight: number; readonly testers: boolean };
  /** Whether versions that nobody gets have no pods. */
  readonly idle?: boolean;
}

const names = ["v1", "v2", "v3"];
const weights = fc.constantFrom(0, 1, 50, 99, 100);
const released: fc.Arbitrary<State> = fc
  .record({
    versions: fc.shuffledSubarray(names, { minLength: 1 }),
    canary: fc.option(fc.record({ weight: weights, testers: fc.boolean() }), { nil: undefined }),
    idle: fc.boolean(),
  })
  .map(({ versions, canary, idle }) => {
    const [stable = "", version] = versions;
    return { versions, stable, idle, ...(canary && version !== undefined && { canary: { version, ...canary } }) };
  });
const oneImage: State = { versions: [], stable: "one" };
/** Where sequences begin: half of the services have one image. */
const starts = keys.map((_, index): State => (index % 2 === 0 ? { versions: ["v1"], stable: "v1" } : oneImage));
const states = fc.oneof({ weight: 6, arbitrary: released }, { weight: 1, arbitrary: fc.constant(oneImage) });

const sequence = fc.array(states, { minLength: 1, maxLength: 4 });

const image = (version: string) => `ftgo-fruit:${version}`;
const testers = { header: "testuser", regex: "^.+$" };

/** What the stack file says of a service then. */
function toEdits(key: string, state: State): [path: string, value: unknown][] {
  const { versions, stable, canary, idle } = state;
  const named = [...users(state), ...testing(state)];
  const version = (name: string) => ({ image: image(name), replicas: idle && !named.includes(name) ? 0 : 1 });
  const values =
    versions.length === 0
      ? { image: image(stable) }
      : {
          versions: Object.fromEntries(versions.map((name) => [name, version(name)])),
          stable,
          canary: canary && { ...canary, testers: canary.testers ? testers : undefined },
        };
  const all = { image: undefined, versions: undefined, stable: undefined, canary: undefined, ...values };
  return Object.entries(all).map(([field, value]) => [`services.${key}.${field}`, value]);
}

const users = ({ stable, canary }: State) => [
  ...(canary === undefined || canary.weight < 100 ? [stable] : []),
  ...(canary && canary.weight > 0 ? [canary.version] : []),
];
const testing = (state: State) => (state.canary?.testers ? [state.canary.version] : users(state));

/** A state, from the moment of its edit to the end of the update that brought the next one. */
interface Period {
  readonly state: State;
  readonly from: number;
  to: number;
}

/** Milliseconds in which a request that was sent before a change may still be answered, and a proxy hears of one. */
const lag = 1000;

/** Requests that reached a version which no config of their time allows. */
function strays(sent: readonly Sent[], periods: readonly Period[], allowed: (state: State) => string[]): string[] {
  return sent.flatMap(({ timestamp, answer, code }) => {
    const time = Date.parse(timestamp);
    const current = periods.filter(({ from, to }) => from - lag <= time && time <= to + lag);
    const versions = current.flatMap(({ state }) => allowed(state));
    const version = answer.version ?? "";
    return code !== 200 || versions.includes(version) ? [] : [`${timestamp}: ${version}, not ${versions.join()}`];
  });
}

/** What all services have in each state; soon ready, and soon gone. */
const common = {
  callers: ["gateway"],
  probes: { readiness: { initialDelaySeconds: 0, periodSeconds: 1 } },
  stop: { drainSeconds: 4 },
};

describe("Whatever config says next (promise 1)", () => {
  let lab: Platform;
  let url = "";
  let walked = 0;
  let requested = 0;
  const paths = keys.map((key) => `/${key}s/1`);

  before(async () => {
    lab = await platform(true);
    const services = Object.fromEntries(keys.map((key) => [`services.${key}`, { ...common, image: image("v1") }]));
    const routes = springRoutes(Object.fromEntries(keys.map((key) => [`${key}s`, `http://${key}:8080`])));
    await lab.bring({ ...services, "services.gateway.env": routes });
    url = (await lab.project.status()).gateway.url ?? assert.fail();
  });

  /** @param next the state of each service that is to have another one */
  const change = async (next: readonly (State | undefined)[]) => {
    const edits = keys.flatMap((key, index) => (next[index] ? toEdits(key, next[index]) : []));
    lab.set(Object.fromEntries(edits));
    await lab.project.up({ refresh: false });
  };

  /** Tells at once what has failed: to look for a shorter sequence that fails takes minutes. */
  const tell = (error: unknown) => {
    console.log(`    looking for fewer changes that do it, too: ${String(error).slice(0, 2000)}`);
    throw error;
  };

  /** Sends requests of users and of testers while each service goes through its states. */
  async function walk(walks: readonly (readonly State[])[]): Promise<void> {
    await change(starts);
    const periods: Period[][] = starts.map((state) => [{ state, from: 0, to: Infinity }]);
    const requests = paths.flatMap((path) => [`GET ${path}`, `POST ${path}`]);
    const ways = [
      { url, requests, rate: rate / 2, keepAlive: false },
      { url, requests, rate: rate / 2, keepAlive: true, headers: ["testuser: somebody"] },
    ];
    const [ofUsers = [], ofTesters = []] = await eachDuring(ways, async () => {
      for (let step = 0; step < Math.max(...walks.map(({ length }) => length)); step++) {
        const next = walks.map((states) => states[step]);
        const from = Date.now();
        const last = periods.map((each) => each.at(-1) ?? assert.fail());
        for (const [index, state] of next.entries()) if (state) periods[index]?.push({ state, from, to: Infinity });
        await change(next);
        for (const [index, period] of last.entries()) if (next[index]) period.to = Date.now();
      }
    });
    walked += walks.length;
    requested += ofUsers.length + ofTesters.length;
    assert.deepEqual([...lost(ofUsers), ...lost(ofTesters)], []);
    for (const [index, path] of paths.entries()) {
      const of = (sent: readonly Sent[]) => sent.filter((each) => each.url.endsWith(path));
      assert.ok(of(ofUsers).length > 10 && of(ofTesters).length > 10, path);
      assert.deepEqual(strays(of(ofUsers), periods[index] ?? [], users), [], `users of ${path}`);
      assert.deepEqual(strays(of(ofTesters), periods[index] ?? [], testing), [], `testers of ${path}`);
    }
  }

  it("no request fails, and none reaches a version that config does not allow", async function () {
    this.timeout(0);
    await fc.assert(
      fc.asyncProperty(fc.tuple(...keys.map(() => sequence)), (walks) => walk(walks).catch(tell)),
      {
        numRuns: Math.ceil(sequences / keys.length),
        interruptAfterTimeLimit: minutes * 60_000,
      },
    );
    console.log(`    ${walked} sequences, ${requested} requests, FTGO_SEED=${fc.readConfigureGlobal().seed}`);
  });
});
