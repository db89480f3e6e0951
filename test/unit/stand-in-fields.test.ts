import { strict as assert } from "node:assert";
import { keysOf, withIgnoredChanges, withoutIgnored } from "../../local/stand-ins/kubernetes/ignored";
import { withMergedManagers } from "../../local/stand-ins/kubernetes/managed-fields";
import { text } from "../../local/stand-ins/kubernetes/wire";
import type { Fields } from "../../local/stand-ins/kubernetes/wire";

function entry(manager: string, operation: string, fieldsV1: Fields): Fields {
  return { manager, operation, fieldsV1 };
}

describe("stand-in: who manages which field", () => {
  const kubectl = entry("kubectl-edit", "Update", { "f:spec": { "f:replicas": {} } });
  const other = entry("controller", "Update", { "f:status": {} });
  const isKubectl = (candidate: unknown) => text(candidate as Fields, "manager")?.startsWith("kubectl") ?? false;

  it("merges what is taken over into its own entry", () => {
    const own = entry("me", "Apply", { "f:spec": { "f:image": {} } });
    assert.deepEqual(withMergedManagers([own, kubectl, other], "me", isKubectl), [
      other,
      entry("me", "Apply", { "f:spec": { "f:image": {}, "f:replicas": {} } }),
    ]);
  });

  it("makes an entry of its own where there is none, and does nothing where nothing is to be taken over", () => {
    assert.deepEqual(withMergedManagers([kubectl], "me", isKubectl), [
      entry("me", "Apply", { "f:spec": { "f:replicas": {} } }),
    ]);
    assert.equal(withMergedManagers([other], "me", isKubectl), undefined);
  });

  it("leaves an ignored field to the one who manages it, and sends any other as it is", () => {
    const managed = (manager: string): Fields => ({
      metadata: { managedFields: [entry(manager, "Update", { "f:spec": { "f:replicas": {} } })] },
      spec: { replicas: 5 },
    });
    const news: Fields = { spec: { replicas: 1, image: "a" } };
    const ignored = ["spec.replicas"];
    assert.deepEqual(withIgnoredChanges(news, managed("autoscaler"), ignored, "me"), { spec: { image: "a" } });
    assert.deepEqual(withIgnoredChanges(news, managed("me"), ignored, "me"), { spec: { replicas: 5, image: "a" } });
  });

  it("takes ignored paths out of a diff: the named one and those below it, at any index where it says so", () => {
    const ignored = ["webhooks[*].failurePolicy", 'metadata.labels["a.b/c"]', "spec.port"];
    const out = ["webhooks[12].failurePolicy", 'metadata.labels["a.b/c"]', "spec.port.name", "spec.port[0]"];
    const left = ["webhooks[0].rules", "webhooks", 'metadata.labels["axb/c"]', "spec.ports"];
    const paths = new Map([...out, ...left].map((path) => [path, "update" as const]));
    const changes = withoutIgnored({ paths, replaces: ["spec.port.name"], deleteBeforeReplace: true }, ignored);
    assert.deepEqual([...changes.paths.keys()], left);
    assert.deepEqual([changes.replaces, changes.deleteBeforeReplace], [[], false]);
  });

  it("reads property paths, and leaves those into lists alone", () => {
    assert.deepEqual(keysOf('metadata.labels["a.b/c"].d'), ["metadata", "labels", "a.b/c", "d"]);
    assert.equal(keysOf("spec.containers[0].image"), undefined);
  });
});
