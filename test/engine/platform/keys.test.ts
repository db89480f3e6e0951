import assert from "node:assert/strict";
import type { Platform } from "../platform-lab";
import { platform } from "../shared-platform";

describe("FTGO's own services", () => {
  let lab: Platform;
  const objects = "deployments,services,virtualservices,destinationrules,authorizationpolicies,persistentvolumeclaims";
  const uids = async () => (await lab.list(objects)).map(({ metadata }) => metadata.uid).sort();

  before(async () => {
    lab = await platform();
    await lab.bring();
  });

  it("keep every object when one gets another key, and so is of another kind to the program", async () => {
    const before = await uids();
    const { consumer } = lab.services;
    lab.set({
      "services.consumer": undefined,
      "services.shoppers": { ...consumer, name: "ftgo-consumer-service", callers: ["gateway"], dataStores: true },
    });
    await lab.project.up({ refresh: false });
    assert.deepEqual(await uids(), before);
  });

  it("stay in their namespace: with another one everything would be made anew, and the volumes would go", async () => {
    const before = await uids();
    lab.set({ namespace: "shop" });
    const { exitCode, stderr } = await lab.ftgo("up", "--no-refresh");
    assert.equal(exitCode, 1, stderr);
    assert.match(
      stderr,
      /^ +ftgo:namespace is "shop"; this stack is in namespace "ftgo", which cannot change: .* Set it back/m,
    );
    assert.deepEqual(await uids(), before);
    lab.set({ namespace: undefined });
    assert.deepEqual((await lab.project.up({ refresh: false })).changes, []);
    assert.deepEqual(await uids(), before);
  });
});
