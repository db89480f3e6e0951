import assert from "node:assert/strict";
import fc from "fast-check";
import type { Platform } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { lost, type Sent, startLoad } from "../load";

/** How many sequences are tried; `npm run soak:releases` tries more. */
const numRuns = Number(process.env["FTGO_RUNS"] ?? 3);

/** What config says of the consumer service. Without versions it has one image. */
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
const states = fc.oneof({ weight: 6, arbitrary: released }, { weight: 1, arbitrary: fc.constant(oneImage) });

const image = (version: string) => `ftgo-consumer-service:${version}`;
const testers = { header: "testuser", regex: "^.+$" };

/** What the stack file says then. */
function toEdits(state: State): Record<string, unknown> {
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
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [`services.consumer.${key}`, value]));
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
  /** Those of the state before it, which have pods until its update has ended. */
  readonly before: readonly string[];
}

/** Milliseconds in which a request that was sent before a change may still be answered, and a proxy hears of one. */
const lag = 1000;

/** Requests that reached a version which no config of their time allows. */
function strays(sent: readonly Sent[], periods: readonly Period[], allowed: (state: State) => string[]): string[] {
  return sent.flatMap(({ timestamp, answer, code }) => {
    const time = Date.parse(timestamp);
    const current = periods.filter(({ from, to }) => from - lag <= time && time <= to + lag);
    const versions = current.flatMap(({ state, before }) => [
      ...allowed(state),
      // The mesh cannot tell the pods of one image from those of versions that are just going.
      ...(state.versions.length === 0 ? before : []),
    ]);
    const version = answer.version ?? "";
    return code !== 200 || versions.includes(version) ? [] : [`${timestamp}: ${version}, not ${versions.join()}`];
  });
}

describe("Whatever config says next (promise 1)", () => {
  let lab: Platform;
  let url = "";

  before(async () => {
    lab = await platform(true);
    await lab.bring({ "services.consumer.stop": { drainSeconds: 2 } });
    url = (await lab.project.status()).gateway.url ?? assert.fail();
  });

  const change = async (state: State) => {
    lab.set(toEdits(state));
    await lab.project.up({ refresh: false });
  };

  /** Sends requests of users and of testers through all of these states. */
  async function walk(sequence: readonly State[]): Promise<void> {
    const start: State = { versions: ["v1"], stable: "v1" };
    await change(start);
    const periods: Period[] = [{ state: start, from: 0, to: Infinity, before: [] }];
    const load = (headers: string[], keepAlive: boolean) =>
      startLoad({ url, requests: ["GET /consumers/1", "POST /consumers/1"], rate: 50, headers, keepAlive });
    const loads = await Promise.all([load([], false), load(["testuser: somebody"], true)]);
    try {
      for (const state of sequence) {
        const last = periods.at(-1);
        const before = last === undefined ? [] : [...last.state.versions, last.state.stable];
        periods.push({ state, from: Date.now(), to: Infinity, before });
        await change(state);
        if (last) last.to = Date.now();
      }
    } finally {
      await Promise.all(loads.map((each) => each.stop()));
    }
    const [ofUsers = [], ofTesters = []] = await Promise.all(loads.map((each) => each.all()));
    assert.ok(ofUsers.length > 100 && ofTesters.length > 100);
    assert.deepEqual([...lost(ofUsers), ...lost(ofTesters)], []);
    assert.deepEqual(strays(ofUsers, periods, users), [], "users");
    assert.deepEqual(strays(ofTesters, periods, testing), [], "testers");
  }

  it("no request fails, and none reaches a version that config does not allow", async function () {
    this.timeout(0);
    await fc.assert(fc.asyncProperty(fc.array(states, { minLength: 2, maxLength: 4 }), walk), {
      numRuns,
      endOnFailure: true,
    });
  });
});
