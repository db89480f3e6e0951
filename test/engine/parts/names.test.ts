import assert from "node:assert/strict";
import type { Platform } from "../platform-lab";
import { Services } from "../services-lab";
import { platform } from "../shared-platform";
import { collections, readyPods, Watch } from "../watch";

const names = ["alpha", "beta", "gamma"];
const image = "shop/app:1";

describe("Services whose keys and names are changed", () => {
  let lab: Platform;
  let shop: Services;
  const uids = async () => {
    const objects = await lab.list("deployments,services,serviceaccounts", "-n", shop.name);
    return objects.filter(({ metadata }) => names.includes(metadata.name)).map(({ metadata }) => metadata.uid);
  };

  before(async () => {
    lab = await platform();
    await lab.ensureUp();
    shop = await Services.open(lab, "renamed");
    shop.set({
      "services.a": { image, name: "alpha" },
      "services.b": { image, name: "beta" },
      "services.kept": { image, name: "gamma" },
    });
    await shop.project.up({ refresh: false });
  });

  it("keep every object and never a moment without a ready pod: two swap their names, one gets another key", async () => {
    const before = await uids();
    assert.equal(before.length, 9);
    const watch = await Watch.open(lab, collections.pods);
    try {
      shop.set({
        "services.a.name": "beta",
        "services.b.name": "alpha",
        "services.kept": undefined,
        "services.other": { image, name: "gamma" },
      });
      await shop.project.up({ refresh: false });
      const moments = await watch.close();
      for (const name of names)
        assert.ok(Math.min(...moments.map((moment) => readyPods(moment, { app: name }).length)) >= 1, name);
    } finally {
      await watch.stop();
    }
    assert.deepEqual(await uids(), before);
  });

  it("are found by their new keys", async () => {
    const { changes } = await shop.project.change("other", [
      { path: ["services", "other", "image"], value: "shop/app:2" },
    ]);
    assert.deepEqual(
      changes.map(({ name }) => name),
      ["gamma/deployment"],
    );
  });

  it("keep every object when the cluster's context gets another name", async () => {
    const before = await uids();
    const context = (await lab.kubectl("config", "current-context")).trim();
    await lab.kubectl("config", "rename-context", context, "renamed");
    try {
      shop.set({ "cluster.context": "renamed" });
      await shop.project.up({ refresh: false });
    } finally {
      await lab.kubectl("config", "rename-context", "renamed", context);
    }
    assert.deepEqual(await uids(), before);
  });
});

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
