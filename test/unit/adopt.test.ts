import { strict as assert } from "node:assert";
import { adoptionEdits } from "../../automation/adopt";
import { describeAdoption } from "../../automation/commands/config";
import type { LiveDeployment } from "../../automation/live";
import { fingerprintOf, parseStackConfig } from "../../components/config";
import { secrets } from "./refusals";

type Raw = Record<string, unknown>;

const read = (restaurant: Raw) =>
  parseStackConfig({ cluster: { kind: "embedded" }, services: { restaurant }, secrets }, "test");
/** What runs when pods were made from that config. */
function running(config: Raw, more: Partial<LiveDeployment> = {}): ReadonlyMap<string, LiveDeployment> {
  const [service] = read(config).services;
  assert.ok(service);
  return new Map(
    service.versions.map(({ deployment, image }) => [
      deployment,
      {
        ...{ labels: {}, image, fingerprint: fingerprintOf(service, deployment) },
        ...{ desired: 2, ready: 2, old: 0, isRolledOut: true, ...more },
      },
    ]),
  );
}
const adopt = (current: Raw, live: ReadonlyMap<string, LiveDeployment>, earlier: Raw[] = []) =>
  adoptionEdits({ service: "restaurant", current, earlier, read, live });

describe("ftgo config adopt (D2)", () => {
  const good = { image: "r:1", env: { MODE: "good" } };
  /** Two versions with a variable that the service says of both. */
  const both = (A: string) => ({ env: { A }, versions: { v1: { image: "r:1" }, v2: { image: "r:2" } }, stable: "v1" });
  /** The Deployment of a version, as it runs by that config. */
  const found = (config: Raw, version: string) => {
    const name = `ftgo-restaurant-service-${version}`;
    return [name, running(config).get(name) ?? assert.fail()] as const;
  };

  it("edits nothing when file and cluster agree, in whatever order the file names its keys", () => {
    assert.deepEqual(adopt(good, running({ env: { MODE: "good" }, image: "r:1" }), [good]), []);
  });

  it("takes back a variable that was undone by hand, found in the history", () => {
    const bad = { image: "r:1", env: { MODE: "bad" } };
    const refusedByNow = { image: "r:0", gone: true };
    assert.deepEqual(adopt(bad, running(good), [bad, { image: "r:0" }, refusedByNow, good]), [
      { path: ["services", "restaurant", "env"], value: { MODE: "good" } },
    ]);
  });

  it("removes a key that the undone config did not have, and leaves alone what does not shape pods", () => {
    const now = { image: "r:1", config: { env: { A: "1" } }, expose: { kind: "NodePort" } };
    assert.deepEqual(adopt(now, running({ image: "r:1" }), [now, { image: "r:1", expose: { kind: "ClusterIP" } }]), [
      { path: ["services", "restaurant", "config"], value: undefined },
    ]);
  });

  it("takes the image of a Deployment that history does not know", () => {
    const live = running(good, { image: "r:9", fingerprint: "unknown" });
    assert.deepEqual(adopt(good, live), [{ path: ["services", "restaurant", "image"], value: "r:9" }]);
  });

  it("takes that of one version, too", () => {
    const [name, live] = found(both("1"), "v2");
    const byHand = new Map([found(both("1"), "v1"), [name, { ...live, image: "r:9", fingerprint: "unknown" }]]);
    assert.deepEqual(adopt(both("1"), byHand), [
      { path: ["services", "restaurant", "versions", "v2", "image"], value: "r:9" },
    ]);
  });

  it("takes a number of replicas that was set by hand", () => {
    assert.deepEqual(adopt(good, running(good, { desired: 3 })), [
      { path: ["services", "restaurant", "replicas"], value: 3 },
    ]);
  });

  it("takes back one version, and the other stays as it is", () => {
    const versions = (env: Raw) => ({ versions: { v1: { image: "r:1" }, v2: { image: "r:2", env } }, stable: "v1" });
    const live = running(versions({ MODE: "good" }), { desired: 2 });
    assert.deepEqual(adopt(versions({ MODE: "bad" }), live, [versions({ MODE: "good" })]), [
      { path: ["services", "restaurant", "versions", "v2", "env"], value: { MODE: "good" } },
    ]);
  });

  it("takes back one version's part of what is said of all, and the other stays as it is", () => {
    const live = new Map([found(both("2"), "v1"), found(both("1"), "v2")]);
    assert.deepEqual(adopt(both("2"), live, [both("1")]), [
      { path: ["services", "restaurant", "versions", "v2", "env"], value: { A: "1" } },
    ]);
  });

  it("takes back two versions that were both undone", () => {
    const versions = (MODE: string) => ({
      versions: { v1: { image: "r:1", env: { MODE } }, v2: { image: "r:2", env: { MODE } } },
      stable: "v1",
    });
    const edits = adopt(versions("bad"), running(versions("good")), [versions("good")]);
    assert.deepEqual(
      edits.map(({ path, value }) => [path.slice(3), value]),
      ["v1", "v2"].map((version) => [[version, "env"], { MODE: "good" }]),
    );
  });

  it("takes back two versions that were undone to different configs, each to its own", () => {
    const live = new Map([found(both("1"), "v1"), found(both("2"), "v2")]);
    assert.deepEqual(adopt(both("3"), live, [both("2"), both("1")]), [
      { path: ["services", "restaurant", "env"], value: { A: "1" } },
      { path: ["services", "restaurant", "versions", "v2", "env"], value: { A: "2" } },
    ]);
  });

  it("takes back what a version's pods are, and not how many there were then", () => {
    const versions = (image: string, replicas: number | object) => ({
      versions: { v1: { image, replicas } },
      stable: "v1",
    });
    const range = { min: 3, max: 9 };
    const live = running(versions("r:1", 1), { desired: 7 });
    assert.deepEqual(adopt(versions("r:2", range), live, [versions("r:1", 1)]), [
      { path: ["services", "restaurant", "versions", "v1", "image"], value: "r:1" },
    ]);
  });

  it("edits no key that differs in the order of its own keys alone", () => {
    const good = { image: "r:1", env: { A: "1", MODE: "good" }, config: { env: { X: "1", Y: "2" } } };
    const bad = { image: "r:1", env: { A: "1", MODE: "bad" }, config: { env: { Y: "2", X: "1" } } };
    assert.deepEqual(adopt(bad, running(good), [good]), [
      { path: ["services", "restaurant", "env"], value: { A: "1", MODE: "good" } },
    ]);
  });

  it("says that the file says what runs only when nothing differs, and what does", () => {
    const edit = { path: ["services", "shop", "replicas"], value: 3 };
    const none = { edits: [], differences: [], byHand: [] };
    assert.equal(describeAdoption("shop", none), "shop: the stack file says what runs\n");
    assert.equal(describeAdoption("shop", { ...none, edits: [edit] }), "services.shop.replicas: 3\n");
    const left = "What differs still, and `ftgo up` brings to what the stack file says:\nshop: shop-v1 does not run\n";
    const gone = { ...none, differences: ["shop-v1 does not run"] };
    assert.equal(describeAdoption("shop", gone), `shop: nothing to take into the stack file\n${left}`);
    assert.equal(describeAdoption("shop", { ...gone, edits: [edit] }), `services.shop.replicas: 3\n${left}`);
    const byHand = ["Deployment shop: spec.replicas (kubectl-scale, today)"];
    const set = `Set by another hand; what the stack file does not say of it by now, \`ftgo up\` takes back:\nshop: ${byHand[0]}\n`;
    assert.equal(describeAdoption("shop", { ...none, byHand }), `shop: nothing to take into the stack file\n${set}`);
    assert.equal(
      describeAdoption("shop", { ...gone, byHand }),
      `shop: nothing to take into the stack file\n${left}${set}`,
    );
  });
});
