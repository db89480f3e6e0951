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
