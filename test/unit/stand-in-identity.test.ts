import { strict as assert } from "node:assert";
import { fieldManagerFor, freshName, idOf, parseId, withName } from "../../local/stand-ins/kubernetes/naming";
import {
  gvkOf,
  gvkOfType,
  nameOfUrn,
  typeOf,
  typeOfUrn,
  unsupported,
} from "../../local/stand-ins/kubernetes/resource-type";
import { field, text } from "../../local/stand-ins/kubernetes/wire";
import type { Fields } from "../../local/stand-ins/kubernetes/wire";

const noSeed = new Uint8Array();
const auto = { "pulumi.com/autonamed": "true" };

describe("stand-in: types and names", () => {
  it("reads group, version and kind from a type token", () => {
    assert.deepEqual(gvkOfType("kubernetes:apps/v1:Deployment"), { apiVersion: "apps/v1", kind: "Deployment" });
    assert.deepEqual(gvkOfType("kubernetes:core/v1:Service"), { apiVersion: "v1", kind: "Service" });
    assert.deepEqual(
      gvkOfType("kubernetes:networking.istio.io/v1:VirtualService").apiVersion,
      "networking.istio.io/v1",
    );
    assert.throws(() => gvkOfType("aws:s3/bucket:Bucket"), /not the type of a Kubernetes object/);
  });

  it("gives an object the token that it reads again", () => {
    for (const gvk of [
      { apiVersion: "v1", kind: "Service" },
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" },
    ])
      assert.deepEqual(gvkOfType(typeOf(gvk)), gvk);
  });

  it("believes the inputs more than the token", () => {
    const inputs = { apiVersion: "apps/v1", kind: "Deployment" };
    assert.deepEqual(gvkOf("kubernetes:apps/v1beta1:Deployment", inputs), inputs);
  });

  it("takes a URN apart, with a parent and with colons in the name", () => {
    const urn = "urn:pulumi:dev::ftgo::ftgo:Mesh$kubernetes:helm.sh/v4:Chart$kubernetes:core/v1:Service::a::b";
    assert.equal(typeOfUrn(urn), "kubernetes:core/v1:Service");
    assert.equal(nameOfUrn(urn), "a::b");
  });

  it("refuses what it cannot manage, with the reason", () => {
    assert.match(unsupported("kubernetes:apps/v1:DeploymentPatch", { kind: "Deployment" }) ?? "", /Patch resources/);
    assert.match(
      unsupported("kubernetes:apps/v1:DeploymentList", { kind: "DeploymentList", items: [] }) ?? "",
      /items/,
    );
    assert.match(unsupported("kubernetes:helm.sh/v3:Release", {}) ?? "", /helm\.v4\.Chart/);
    assert.equal(unsupported("kubernetes:x.io/v1:Patch", { kind: "Patch" }), undefined);
    assert.equal(unsupported("kubernetes:apps/v1:Deployment", { kind: "Deployment" }), undefined);
  });

  it("makes up a name, says so, and takes it over later", () => {
    const fresh = () => freshName("cart", noSeed);
    const first = withName({ metadata: { labels: { a: "b" } } }, undefined, fresh);
    const name = field(first, "metadata", "name");
    assert.match(text(first, "metadata", "name") ?? "", /^cart-[0-9a-f]{8}$/);
    assert.deepEqual(first["metadata"], { labels: { a: "b" }, name, annotations: auto });
    assert.deepEqual(withName({}, first, fresh)["metadata"], { name, annotations: auto });
  });

  it("leaves a given name alone, and takes over none that a person gave", () => {
    const given: Fields = { metadata: { name: "a" } };
    assert.equal(
      withName(given, undefined, () => "x"),
      given,
    );
    assert.equal(
      field(
        withName({}, given, () => "x-1"),
        "metadata",
        "name",
      ),
      "x-1",
    );
  });

  it("makes the same name from the same seed", () => {
    const seed = new Uint8Array([1, 2, 3]);
    assert.equal(freshName("a", seed), freshName("a", seed));
    assert.notEqual(freshName("a", seed), freshName("a", new Uint8Array([4])));
  });

  it("names objects in the state by namespace and name", () => {
    assert.equal(idOf({ metadata: { name: "a", namespace: "b" } }), "b/a");
    assert.equal(idOf({ metadata: { name: "a" } }), "a");
    assert.deepEqual([parseId("b/a"), parseId("a")], [{ namespace: "b", name: "a" }, { name: "a" }]);
  });

  it("has one field manager for the life of a resource", () => {
    assert.match(fieldManagerFor("urn:a"), /^pulumi-kubernetes-[0-9a-f]{8}$/);
    assert.equal(fieldManagerFor("urn:a"), fieldManagerFor("urn:a"));
    assert.notEqual(fieldManagerFor("urn:a"), fieldManagerFor("urn:b"));
  });
});
