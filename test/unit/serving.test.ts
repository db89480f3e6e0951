import { strict as assert } from "node:assert";
import type { Live } from "../../automation/live";
import { findService } from "../../automation/release";
import { unserved } from "../../automation/serving";
import { parseStackConfig } from "../../components/config";
import { secrets } from "./refusals";

const service = (canary: object) =>
  findService(
    parseStackConfig(
      {
        cluster: { kind: "embedded" },
        services: { app: { versions: { v1: { image: "a:1" }, v2: { image: "a:2" } }, stable: "v1", canary } },
        secrets,
      },
      "test",
    ),
    "app",
  );
const live = (ready: { v1: number; v2: number }, subsets: string[]): Live => ({
  deployments: new Map([
    ["app-v1", { labels: {}, image: "a:1", desired: 1, ready: ready.v1, old: 0, isRolledOut: true }],
    ["app-v2", { labels: {}, image: "a:2", desired: 1, ready: ready.v2, old: 0, isRolledOut: true }],
  ]),
  routes: new Map(),
  subsets: new Map([["app", new Set(subsets)]]),
});

describe("A version that gets requests (promise 1)", () => {
  it("is served when it has its subset and a ready pod", () => {
    const weight = { version: "v2", weight: 50 };
    assert.deepEqual(unserved(service(weight), live({ v1: 1, v2: 1 }, ["v1", "v2"])), []);
    assert.deepEqual(unserved(service(weight), live({ v1: 1, v2: 0 }, ["v1", "v2"])), [
      "version v2 has no ready pod (app-v2: 0 of 1)",
    ]);
    assert.deepEqual(unserved(service(weight), live({ v1: 1, v2: 1 }, ["v1"])), [
      "version v2 has no subset (DestinationRule) in the mesh",
    ]);
  });

  it("may be the one of a service with one image, which needs its subset too", () => {
    const environment = parseStackConfig(
      { cluster: { kind: "embedded" }, services: { app: { image: "a:1" } }, secrets },
      "test",
    );
    const deployment = { labels: {}, image: "a:1", desired: 1, ready: 1, old: 0, isRolledOut: true };
    const now = { ...live({ v1: 0, v2: 0 }, ["one-image"]), deployments: new Map([["app", deployment]]) };
    const without = { ...now, subsets: new Map() };
    assert.deepEqual(unserved(findService(environment, "app"), now), []);
    assert.deepEqual(unserved(findService(environment, "app"), without), [
      "the one image has no subset (DestinationRule) in the mesh",
    ]);
  });

  it("may be the testers' alone", () => {
    const tested = { version: "v2", weight: 0, testers: { header: "testuser" } };
    assert.equal(unserved(service(tested), live({ v1: 1, v2: 0 }, ["v1", "v2"])).length, 1);
  });

  it("is asked for only when it gets requests", () => {
    assert.deepEqual(unserved(service({ version: "v2", weight: 0 }), live({ v1: 1, v2: 0 }, ["v1"])), []);
    assert.equal(unserved(service({ version: "v2", weight: 100 }), live({ v1: 0, v2: 1 }, ["v2"])).length, 0);
  });
});
