import { strict as assert } from "node:assert";
import { changesBetween } from "../../local/stand-ins/kubernetes/diff";
import { replacingPaths } from "../../local/stand-ins/kubernetes/immutable";
import type { Fields } from "../../local/stand-ins/kubernetes/wire";
import { text, unknown } from "../../local/stand-ins/kubernetes/wire";

const inPlace = { configMaps: false, secrets: false };

function object(kind: string, apiVersion: string, rest: Fields): Fields {
  return { apiVersion, kind, metadata: { name: "a", namespace: "shop" }, ...rest };
}

function changes(olds: Fields, news: Fields, mutability = inPlace) {
  const gvk = { apiVersion: text(news, "apiVersion") ?? "", kind: text(news, "kind") ?? "" };
  const found = changesBetween(olds, news, "shop/a", replacingPaths(gvk, news, mutability));
  return { ...found, paths: Object.fromEntries(found.paths) };
}

describe("stand-in: what an update changes", () => {
  it("names each changed property by its path", () => {
    const olds = object("Deployment", "apps/v1", { spec: { template: { spec: { containers: [{ image: "a:1" }] } } } });
    const news = object("Deployment", "apps/v1", {
      spec: { template: { spec: { containers: [{ image: "a:2" }, { image: "b" }] } } },
    });
    news["metadata"] = { name: "a", namespace: "shop", annotations: { "ftgo.io/note": "x" } };
    assert.deepEqual(changes(olds, news), {
      paths: {
        "metadata.annotations": "add",
        "spec.template.spec.containers[0].image": "update",
        "spec.template.spec.containers[1]": "add",
      },
      replaces: [],
      deleteBeforeReplace: false,
    });
  });

  it("quotes a key that is no identifier", () => {
    const olds = object("Service", "v1", { spec: { selector: { "app.kubernetes.io/name": "x" } } });
    const news = object("Service", "v1", { spec: { selector: { "app.kubernetes.io/name": "y" } } });
    assert.deepEqual(changes(olds, news).paths, { 'spec.selector["app.kubernetes.io/name"]': "update" });
  });

  it("finds nothing in what says the same: the default namespace, nulls, another order of keys", () => {
    const olds: Fields = { apiVersion: "v1", kind: "Service", metadata: { name: "a" }, spec: { a: 1, b: 2 } };
    const news: Fields = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "a", namespace: "default", labels: null },
      spec: { b: 2, a: 1 },
    };
    assert.deepEqual(changes(olds, news).paths, {});
  });

  it("keeps an empty object, which means something", () => {
    const news = object("Pod", "v1", { spec: { volumes: [{ name: "v", emptyDir: {} }] } });
    const olds = object("Pod", "v1", { spec: { volumes: [{ name: "v" }] } });
    assert.deepEqual(changes(olds, news).paths, { "spec.volumes[0].emptyDir": "add" });
  });

  const replacements: [string, string, string, Fields, Fields][] = [
    [
      "Deployment",
      "apps/v1",
      "spec.selector.matchLabels.a",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      { spec: { selector: { matchLabels: { a: "2" } } } },
    ],
    ["StatefulSet", "apps/v1", "spec.serviceName", { spec: { serviceName: "a" } }, { spec: { serviceName: "b" } }],
    [
      "StatefulSet",
      "apps/v1",
      "spec.volumeClaimTemplates[0].x",
      { spec: { volumeClaimTemplates: [{ x: 1 }] } },
      { spec: { volumeClaimTemplates: [{ x: 2 }] } },
    ],
    ["Service", "v1", "spec.clusterIP", { spec: {} }, { spec: { clusterIP: "None" } }],
    ["Job", "batch/v1", "spec.template.x", { spec: { template: { x: 1 } } }, { spec: { template: { x: 2 } } }],
    [
      "PersistentVolumeClaim",
      "v1",
      "spec.storageClassName",
      { spec: { storageClassName: "a" } },
      { spec: { storageClassName: "b" } },
    ],
    ["StorageClass", "storage.k8s.io/v1", "parameters.x", { parameters: { x: "1" } }, { parameters: { x: "2" } }],
    [
      "RoleBinding",
      "rbac.authorization.k8s.io/v1",
      "roleRef.name",
      { roleRef: { name: "a" } },
      { roleRef: { name: "b" } },
    ],
    ["ConfigMap", "v1", "data.x", { data: { x: "1" } }, { data: { x: "2" } }],
    ["Secret", "v1", "stringData.x", { stringData: { x: "1" } }, { stringData: { x: "2" } }],
  ];
  for (const [kind, apiVersion, path, before, after] of replacements)
    it(`replaces a ${kind} for a change of ${path}, the old one first`, () => {
      const found = changes(object(kind, apiVersion, before), object(kind, apiVersion, after));
      assert.deepEqual(found.replaces, [path]);
      assert.equal(found.deleteBeforeReplace, true);
    });

  it("changes a claim's size, a service's type and a ConfigMap that may change in place", () => {
    const size = (storage: string) =>
      object("PersistentVolumeClaim", "v1", { spec: { resources: { requests: { storage } } } });
    assert.deepEqual(changes(size("1Gi"), size("2Gi")).replaces, []);
    const type = (name: string) => object("Service", "v1", { spec: { type: name } });
    assert.deepEqual(changes(type("ClusterIP"), type("LoadBalancer")).replaces, []);
    const data = (x: string, rest: Fields = {}) => object("ConfigMap", "v1", { data: { x }, ...rest });
    assert.deepEqual(changes(data("1"), data("2"), { ...inPlace, configMaps: true }).replaces, []);
    const marked = { immutable: true };
    assert.deepEqual(changes(data("1", marked), data("2", marked), { ...inPlace, configMaps: true }).replaces, [
      "data.x",
    ]);
  });

  it("replaces for another name or namespace without deleting first, because both fit beside each other", () => {
    const news: Fields = { apiVersion: "v1", kind: "Service", metadata: { name: "b", namespace: "shop" } };
    const found = changes(object("Service", "v1", {}), news);
    assert.deepEqual([found.replaces, found.deleteBeforeReplace], [["metadata.name"], false]);
  });

  it("creates before it deletes when the name was made up", () => {
    const auto = (x: string): Fields => ({
      ...object("ConfigMap", "v1", { data: { x } }),
      metadata: { name: "a", namespace: "shop", annotations: { "pulumi.com/autonamed": "true" } },
    });
    const found = changes(auto("1"), auto("2"));
    assert.deepEqual([found.replaces, found.deleteBeforeReplace], [["data.x"], false]);
  });

  it("takes a value that is not known yet for a change", () => {
    const found = changes(
      object("Service", "v1", { spec: { a: "1" } }),
      object("Service", "v1", { spec: { a: unknown } }),
    );
    assert.deepEqual(found.paths, { "spec.a": "update" });
  });
});
