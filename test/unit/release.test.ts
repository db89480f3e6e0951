import { strict as assert } from "node:assert";
import fc from "fast-check";
import { demoSteps, startingEdits } from "../../automation/demo-steps";
import type { HistoryEntry } from "../../automation/engine";
import { lastGoodConfig, routeMessage, serviceMessage } from "../../automation/history";
import { findService, promotionEdits, rollbackEdits } from "../../automation/release";
import { describeAudience, toAudience } from "../../automation/route";
import { editStackFile, type StackFile, toEnvironment } from "../../automation/stack-file";

const file = (services: string): StackFile => ({
  stack: "mine",
  path: "",
  name: "stacks/Pulumi.mine.yaml",
  text: `config:
  ftgo:cluster: { kind: embedded }
  ftgo:services:
    restaurant: {}
${services}
  ftgo:secrets: { databasePassword: { secure: v1:x }, databaseAdminPassword: { secure: v1:y } }
`,
});
const canaried = file(`    consumer:
      versions:
        v1: { image: c:1 }
        v2: { image: c:2 }
      stable: v1
      canary: { version: v2, weight: 5, testers: { header: testuser } }`);
const service = (from: StackFile, key = "consumer") => findService(toEnvironment(from), key);
const audience = (from: StackFile) => {
  const { route } = service(from);
  assert.ok(route);
  return toAudience(route);
};

describe("A promotion", () => {
  it("is one key of the stack file (promotion is one key)", () => {
    assert.deepEqual(promotionEdits(service(canaried), { weight: 25 }), [
      { path: ["services", "consumer", "canary", "weight"], value: 25 },
    ]);
  });

  it("gives weights that sum to 100, whatever the weight", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (weight) => {
        const promoted = editStackFile(canaried, promotionEdits(service(canaried), { weight }));
        const shares = Object.values(audience(promoted).weights);
        assert.equal(
          shares.reduce((sum, share) => sum + share),
          100,
        );
      }),
    );
  });

  it("says what users get", () => {
    assert.equal(
      describeAudience(audience(canaried)),
      "users get 95 % v1, 5 % v2; testers (header testuser: ^.+$) get v2",
    );
  });

  it("of a service with one image says what is missing", () => {
    assert.throws(() => promotionEdits(service(canaried, "restaurant"), { weight: 5 }), /has one image.*`versions`/);
  });

  it("of a service without a canary says what is missing", () => {
    const plain = editStackFile(canaried, [{ path: ["services", "consumer", "canary"], value: undefined }]);
    assert.throws(() => promotionEdits(service(plain), { weight: 5 }), /has no canary; add/);
  });

  it("of an unknown service asks whether another one was meant", () => {
    assert.throws(() => service(canaried, "consumr"), /no service "consumr"; did you mean "consumer"\?/);
    assert.throws(() => service(canaried, "ftgo-consumer-service"), /did you mean "consumer"\?/);
  });
});

describe("A rollback", () => {
  it("gives every user the stable version, and nobody the canary", () => {
    const back = editStackFile(canaried, rollbackEdits(service(canaried)));
    assert.equal(describeAudience(audience(back)), "all users get v1");
  });

  it("without a canary has nothing to go back from, and says so", () => {
    const plain = editStackFile(canaried, [{ path: ["services", "consumer", "canary"], value: undefined }]);
    assert.throws(() => rollbackEdits(service(plain)), /no canary: the stack file gives all users v1/);
  });

  const entry = (image: string | undefined, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
    kind: "update",
    result: "succeeded",
    message: "",
    environment: {},
    config: { "ftgo:services": { secret: false, value: JSON.stringify({ restaurant: image ? { image } : null }) } },
    ...more,
  });
  const target = { "pulumi.flag.target": "set" };
  const cases: [what: string, history: HistoryEntry[], expected: unknown][] = [
    ["the newest other config that went up well", [entry("r:3"), entry("r:2"), entry("r:1")], { image: "r:2" }],
    ["not one that failed", [entry("r:2", { result: "failed" }), entry("r:1")], { image: "r:1" }],
    ["not one of a preview or a refresh", [entry("r:2", { kind: "refresh" }), entry("r:1")], { image: "r:1" }],
    ["not one that was aimed elsewhere", [entry("r:2", { environment: target }), entry("r:1")], { image: "r:1" }],
    [
      "not one that was aimed at this service's route alone",
      [entry("r:2", { environment: target, message: routeMessage("restaurant") }), entry("r:1")],
      { image: "r:1" },
    ],
    [
      "one that was aimed at this service",
      [entry("r:2", { environment: target, message: serviceMessage("restaurant") })],
      { image: "r:2" },
    ],
    ["the defaults, where nothing was said", [entry(undefined)], {}],
    ["nothing, when there is no other", [entry("r:3")], undefined],
    [
      "not one that was no map",
      [entry("", { config: { "ftgo:services": { secret: false, value: "a text" } } }), entry("r:1")],
      { image: "r:1" },
    ],
    ["nothing, when there is no history", [], undefined],
  ];
  for (const [what, history, expected] of cases) {
    it(`of a service with one image takes ${what}`, () => {
      assert.deepEqual(lastGoodConfig("restaurant", { current: { image: "r:3" } }, history), expected);
    });
  }

  it("of a service with one image leaves out variables that have become secret since: each is told once", () => {
    const before = (image: string) => ({ image, env: { KEY: "plain" }, config: { env: { KEY: "plain" }, files: {} } });
    const current = { image: "r:2", config: { files: {} } };
    const now = { current, secretEnv: ["KEY"] };
    const said = (restaurant: object) =>
      entry("", { config: { "ftgo:services": { secret: false, value: JSON.stringify({ restaurant }) } } });
    const history = [said(before("r:2")), said(before("r:1"))];
    assert.deepEqual(lastGoodConfig("restaurant", now, history), { image: "r:1", config: { files: {} } });
    const versions = (env: object) => ({ versions: { v1: { image: "r:1", ...env } } });
    const old = [said(versions({ env: { KEY: "plain" } }))];
    assert.deepEqual(lastGoodConfig("restaurant", now, old), versions({}));
  });
});

describe("The demo's five steps", () => {
  it("are edits that are all accepted, and end with v2 alone", () => {
    let current = editStackFile(canaried, startingEdits(toEnvironment(canaried)));
    const seen = [describeAudience(audience(current))];
    for (const { edits } of demoSteps) {
      current = editStackFile(current, edits(toEnvironment(current)));
      seen.push(describeAudience(audience(current)));
    }
    const testers = "; testers (header testuser: ^.+$) get v2";
    assert.deepEqual(seen, [
      "all users get v1",
      "all users get v1",
      `all users get v1${testers}`,
      `users get 95 % v1, 5 % v2${testers}`,
      `users get 75 % v1, 25 % v2${testers}`,
      `users get 50 % v1, 50 % v2${testers}`,
      `all users get v2${testers}`,
      "all users get v2",
      "all users get v2",
    ]);
    assert.deepEqual(
      service(current).versions.map(({ version, image }) => [version, image]),
      [["v2", "ftgo-consumer-service:v2"]],
    );
  });

  const states: [string, StackFile][] = [
    ["one image", file("    consumer: { image: c:1 }")],
    ["the defaults", file("    consumer:")],
    ["v2 alone", file("    consumer: { versions: { v2: { image: c:2 } }, stable: v2 }")],
    [
      "other versions",
      file(
        "    consumer: { versions: { v8: { image: c:8 }, v9: { image: c:9 } }, stable: v8, canary: { version: v9 } }",
      ),
    ],
    ["a canary on its way", canaried],
  ];
  for (const [what, state] of states) {
    it(`begin with v1 alone, from ${what}`, () => {
      const start = editStackFile(state, startingEdits(toEnvironment(state)));
      assert.equal(describeAudience(audience(start)), "all users get v1");
      assert.deepEqual(
        service(start).versions.map(({ version }) => version),
        ["v1"],
      );
    });
  }
});
