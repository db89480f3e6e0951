import assert from "node:assert/strict";
import type { Platform } from "../platform-lab";
import { Services } from "../services-lab";
import { platform } from "../shared-platform";

describe("A stack in a cluster that others use too", () => {
  let lab: Platform;
  let intruder: Services;
  const uids = async (...names: string[]) =>
    (await lab.list("namespaces"))
      .filter(({ metadata }) => names.includes(metadata.name))
      .map((each) => each.metadata.uid);

  before(async () => {
    lab = await platform();
    const tenant = await Services.open(lab, "tenant");
    await tenant.project.up({ refresh: false });
    intruder = await Services.open(lab, "intruder");
    intruder.set({ "services.a": { image: "shop/a:1" } });
  });

  for (const { what, values, says } of [
    {
      what: "the namespace of another one",
      values: { namespace: "tenant" },
      says: /^ {2,}(namespace: )?ftgo:namespace is "tenant", which is of stack tenant: .* Give this stack a namespace of its own$/m,
    },
    {
      what: "a namespace that no stack has made",
      values: { namespace: "kube-public" },
      says: /^ {2,}(namespace: )?ftgo:namespace is "kube-public", which is there, and no stack has made it: .*kubectl annotate namespace kube-public ftgo\/stack=intruder/m,
    },
    {
      what: "the mesh of another one",
      values: { "mesh.install": true },
      says: /^ {2,}(mesh\/namespace: )?ftgo:mesh\.namespace is "istio-system", which is of stack local: .* set ftgo:mesh\.install to false/m,
    },
  ])
    it(`does not take over ${what}, and leaves it there when it goes itself`, async () => {
      const before = await uids("tenant", "kube-public", "istio-system");
      assert.equal(before.length, 3);
      intruder.set({ namespace: "intruder", "mesh.install": false, ...values });
      await assert.rejects(intruder.project.preview({ refresh: false }), says);
      await assert.rejects(intruder.project.up({ refresh: false }), says);
      await intruder.project.destroy();
      assert.deepEqual(await uids("tenant", "kube-public", "istio-system"), before);
    });

  it("takes a namespace that is its own by that note, as after an update that was killed before it could write it down", async () => {
    await lab.kubectl("create", "namespace", "intruder");
    await lab.kubectl("annotate", "namespace", "intruder", "ftgo/stack=intruder");
    const before = await uids("intruder");
    intruder.set({ namespace: "intruder", "mesh.install": false });
    await intruder.project.up({ refresh: false });
    assert.deepEqual(await uids("intruder"), before);
  });

  it("does not start pods without sidecars, in a mesh that has no control plane of that name", async () => {
    intruder.set({ namespace: "intruder", "mesh.install": false, "mesh.revision": "1-30-0" });
    const says =
      /^ {2,}(namespace: )?ftgo:mesh\.revision is "1-30-0", and no control plane of the cluster is of it: there is one without a revision/m;
    await assert.rejects(intruder.project.up({ refresh: false }), says);
    intruder.set({ "mesh.revision": undefined });
    await intruder.project.up({ refresh: false });
    intruder.set({ "mesh.revision": "1-30-0" });
    await assert.rejects(intruder.project.up({ refresh: false }), says);
  });

  it("does not lose the control plane that its pods have sidecars of, when the stack that installs it goes to another", async () => {
    lab.set({ "mesh.revision": "1-31-1" });
    const refused = assert.rejects(
      lab.project.preview({ refresh: false }),
      /^ {2,}(namespace: )?ftgo:mesh\.revision changes, .* sidecars of: .*\bintruder\b.*\btenant\b.*\. Change ftgo:mesh\.version alone/m,
    );
    await refused.finally(() => lab.set({ "mesh.revision": undefined }));
  });

  it("does not lose its mesh, neither when the stack that has installed it goes nor when that gives it up", async () => {
    const before = await uids("istio-system");
    const says =
      /^UsageError: Istio would go with stack local, .*\bintruder \(`ftgo destroy --stack intruder`\).*\btenant \(.*Nothing was changed/;
    await assert.rejects(lab.project.destroy(), says);
    const { prometheus } = lab.project.environment().telemetry;
    lab.set({ "mesh.install": false, "telemetry.prometheus": undefined });
    const refused = Promise.all([
      assert.rejects(lab.project.preview({ refresh: false }), says),
      assert.rejects(lab.project.up({ refresh: false }), says),
    ]);
    await refused.finally(() => lab.set({ "mesh.install": undefined, "telemetry.prometheus": prometheus }));
    assert.deepEqual(await uids("istio-system"), before);
  });

  it("gives its namespace the label back that somebody has taken off by hand, whoever else there is", async () => {
    await lab.kubectl("label", "namespace", "ftgo", "istio-injection-");
    const { drifted } = await lab.project.up();
    assert.ok(drifted.some(({ name }) => name === "namespace"));
    const [home] = (await lab.list("namespaces")).filter(({ metadata }) => metadata.name === "ftgo");
    assert.equal(home?.metadata.labels?.["istio-injection"], "enabled");
  });
});
