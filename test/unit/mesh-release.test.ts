import { strict as assert } from "node:assert";
import type { Cluster } from "../../automation/cluster";
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
