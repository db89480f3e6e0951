import { strict as assert } from "node:assert";
import type { Cluster } from "../../automation/cluster";
import type { Engine } from "../../automation/engine";
import { UpdateError } from "../../automation/errors";
import { update } from "../../automation/update";
import { parseStackConfig } from "../../components/config";
import { valid } from "./refusals";
import { brokenRecords, releaseType } from "../../automation/mesh-release";

/** A cluster with Helm's records of these states, the newest last, and so many of the definitions. */
function clusterWith(states: readonly string[], definitions: number): Cluster {
  const records = states.map((status, index) => ({ metadata: { labels: { version: String(index + 1), status } } }));
  const cluster = { get: () => Promise.resolve(records), existing: () => Promise.resolve(definitions) };
  return cluster as unknown as Cluster;
}

describe("Helm's records of Istio's base", () => {
  const refused = (reason: string) => [{ resource: "mesh/base", type: releaseType, reason }];
  const cases: [what: string, states: string[], definitions: number, reason: string | undefined, isBroken: boolean][] =
    [
      ["of one that is there", ["superseded", "deployed"], 2, undefined, false],
      ["of none", [], 0, undefined, false],
      ["of one that was never finished", ["deployed", "pending-upgrade"], 2, undefined, true],
      ["of one whose definitions are gone", ["deployed"], 0, undefined, true],
      [
        "of one that an engine made which knows nothing of it",
        ["deployed"],
        2,
        "cannot re-use a name that is still in use",
        true,
      ],
      [
        "of one whose work has ended since Helm refused to begin another",
        ["superseded", "deployed"],
        2,
        "another operation (install/upgrade/rollback) is in progress",
        true,
      ],
      ["of one that another reason keeps from being upgraded", ["deployed"], 2, "chart not found", false],
    ];
  for (const [what, states, definitions, reason, isBroken] of cases)
    it(`${what} are ${isBroken ? "forgotten, and it is installed again" : "kept"} (promise 4)`, async () => {
      const failures = reason === undefined ? [] : refused(reason);
      const records = await brokenRecords("istio-system", clusterWith(states, definitions), failures);
      assert.equal(records !== undefined, isBroken);
    });
});

describe("Istio's base that a stack's update cannot install", () => {
  const environment = parseStackConfig(valid, "test");
  const reason = "cannot re-use a name that is still in use";
  const base = { urn: "urn:base", type: releaseType };
  /** Runs an update that Helm refuses first. @returns whether Helm's records were taken away, and what it ended in */
  async function refused(state: object): Promise<[isForgotten: boolean, error: unknown]> {
    let [ups, isForgotten] = [0, false];
    const engine = {
      up: () =>
        ++ups === 1
          ? Promise.reject(new UpdateError(reason, [{ resource: "mesh/base", type: releaseType, reason }]))
          : Promise.resolve({ changes: [] }),
      state: () => Promise.resolve(state),
    } as unknown as Engine;
    const cluster = Object.assign(clusterWith(["deployed"], 2), {
      delete: () => Promise.resolve((isForgotten = true)),
    });
    const args = { engine, stack: "mine", environment, canGoBack: () => Promise.resolve(false), cluster };
    const error = await update({ ...args, onProgress: undefined }, {}).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return [isForgotten, error];
  }

  it("is left alone when somebody else has installed it", async () => {
    const [isForgotten, error] = await refused({ resources: [] });
    assert.equal(isForgotten, false);
    assert.ok(error instanceof UpdateError);
  });

  it("is installed again when an update of this stack that was killed has", async () => {
    const killed = { pending_operations: [{ type: "creating", resource: base }] };
    assert.deepEqual(await refused(killed), [true, undefined]);
  });
});
