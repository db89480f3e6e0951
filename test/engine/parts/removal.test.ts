import assert from "node:assert/strict";
import { until } from "../cluster-lab";
import { type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";

describe("The end of the platform", () => {
  let lab: Platform;

  before(async () => {
    lab = await platform();
    await lab.ensureUp();
    // Of the stack of names.test.ts, which would lose its mesh.
    await lab.kubectl("delete", "namespace", "renamed", "--ignore-not-found");
  });

  it("goes as a whole by `ftgo destroy`: nothing is left in the cluster but Istio's definitions, nothing in the state", async () => {
    assert.notEqual(await istios(lab), "");
    succeeded(await lab.ftgo("destroy", "--yes"));
    const namespaces = (await lab.list("namespaces")).map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(namespaces, ["default", "kube-node-lease", "kube-public", "kube-system"]);
    assert.equal(await istios(lab), "");
    // As the chart demands: with a definition every object of its kind would go, whoever made it.
    assert.notDeepEqual(await lab.list("crds", "-l", "app.kubernetes.io/part-of=istio"), []);
    // The controller of volumes takes them after their claims, in its own time.
    await until("no volume is left", async () => (await lab.list("persistentvolumes")).length === 0);
    const { stdout } = succeeded(await lab.pulumi("stack", "export"));
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: unknown[] } };
    assert.deepEqual(deployment.resources ?? [], []);
  });

  it("touches no cluster but its own", () => assert.equal(lab.strays, 0));
});

/** What Istio's charts make outside namespaces, but for the definitions. */
async function istios(lab: Platform): Promise<string> {
  const kinds = "clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations";
  const names = (await lab.kubectl("get", kinds, "-o", "name")).split("\n");
  return names.filter((name) => name.includes("istio")).join();
}
