import { strict as assert } from "node:assert";
import { redactor, withSecretsMarked } from "../../local/stand-ins/kubernetes/secrets";
import { stateOf, withServerNames } from "../../local/stand-ins/kubernetes/state";
import { field, isSecret, plain, secret } from "../../local/stand-ins/kubernetes/wire";
import type { Fields } from "../../local/stand-ins/kubernetes/wire";

const password = `p"w\\$ 'x'`;

describe("stand-in: secrets", () => {
  it("marks the data of every Secret, and nothing of it besides", () => {
    const object: Fields = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, data: { x: "eA==" } };
    const marked = withSecretsMarked(object, {});
    assert.ok(isSecret(marked["data"]));
    assert.deepEqual(marked["metadata"], { name: "a" });
  });

  it("marks what the inputs mark, at the same place", () => {
    const inputs: Fields = { kind: "ConfigMap", data: { a: secret("s"), b: "t" }, list: [secret("u"), "v"] };
    const marked = withSecretsMarked({ kind: "ConfigMap", data: { a: "s", b: "t", c: "d" }, list: ["u", "v"] }, inputs);
    assert.ok(isSecret(field(marked, "data", "a")));
    assert.equal(field(marked, "data", "b"), "t");
    assert.ok(isSecret(marked["list"]), "a list with a secret in it is secret as a whole");
  });

  it("puts no secret into the state in the clear, not in the copy of the inputs either", () => {
    const inputs: Fields = { apiVersion: "v1", kind: "Secret", stringData: secret({ p: password }) };
    const data = { p: Buffer.from(password).toString("base64") };
    const state = stateOf(
      inputs,
      { apiVersion: "v1", kind: "Secret", metadata: { name: "a", managedFields: [] }, data },
      "m",
    );
    assert.ok(isSecret(state["data"]));
    assert.ok(isSecret(field(state, "__inputs", "stringData")));
    assert.deepEqual(state["metadata"], { name: "a" });
  });

  it("takes secrets out of messages, however they are quoted", () => {
    const redact = redactor({ apiVersion: "v1", kind: "Secret", stringData: { p: password } });
    const base64 = Buffer.from(password).toString("base64");
    for (const form of [password, JSON.stringify(password), base64])
      assert.equal(redact(`bad value ${form}`).includes(form), false, form);
    assert.equal(redact("name is required"), "name is required");
  });

  it("takes marked values of other kinds out too", () => {
    const redact = redactor({ kind: "ConfigMap", data: { url: secret("mysql://u:pw@h") } });
    assert.equal(redact('Invalid value: "mysql://u:pw@h"'), 'Invalid value: "[secret]"');
  });

  it("unwraps marks before anything is sent", () => {
    assert.deepEqual(plain({ a: [secret({ b: secret("c") })] }), { a: [{ b: "c" }] });
    assert.deepEqual(withServerNames({ x_kubernetes_list_type: "map" }), { "x-kubernetes-list-type": "map" });
  });
});
