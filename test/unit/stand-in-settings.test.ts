import { strict as assert } from "node:assert";
import { runtimeOptions, splitWords } from "../../local/stand-ins/runtime-options";
import { connectionOf } from "../../local/stand-ins/kubernetes/kubeconfig";
import { configChanges, settingsOf } from "../../local/stand-ins/kubernetes/settings";
import { unknown } from "../../local/stand-ins/kubernetes/wire";

function kubeconfig(server: string, token = "t"): string {
  return JSON.stringify({
    clusters: [{ name: "c", cluster: { server, "certificate-authority-data": "Y2E=" } }],
    users: [
      { name: "u", user: { token } },
      { name: "exec", user: { exec: { command: "aws" } } },
    ],
    contexts: [
      { name: "x", context: { cluster: "c", user: "u", namespace: "n" } },
      { name: "e", context: { cluster: "c", user: "exec" } },
    ],
    "current-context": "x",
  });
}

describe("stand-in: configuration", () => {
  it("reads a kubeconfig's current or chosen context", () => {
    const connection = connectionOf({ kubeconfig: kubeconfig("https://a:1/") });
    assert.deepEqual(
      [connection.server, connection.token, connection.ca, connection.namespace],
      ["https://a:1", "t", "ca", "n"],
    );
  });

  it("says what is wrong with one", () => {
    const cases: [string, string | undefined, RegExp][] = [
      ["", undefined, /no kubeconfig is configured.*never uses KUBECONFIG/],
      ["/does/not/exist", undefined, /kubeconfig \/does\/not\/exist is neither a file/],
      [kubeconfig("https://a"), "nope", /no entry "nope" under contexts; it has x, e/],
      [kubeconfig("https://a"), "e", /credentials from a command/],
      ["a: [b", undefined, /neither YAML nor JSON/],
    ];
    for (const [content, context, message] of cases)
      assert.throws(() => connectionOf({ kubeconfig: content, context }), message);
  });

  it("never shows a credential in an error", () => {
    const broken = `${kubeconfig("https://a", "verysecret")}}`;
    assert.throws(
      () => connectionOf({ kubeconfig: broken }),
      (error: Error) => !error.message.includes("verysecret"),
    );
  });

  it("reads flags as the SDK sends them, and refuses what it would not keep to", () => {
    assert.equal(settingsOf({ kubeconfig: "k", deleteUnreachable: "true" }).deleteUnreachable, true);
    assert.throws(() => settingsOf({ enableServerSideApply: "false" }), /enableServerSideApply/);
    assert.throws(() => settingsOf({ renderYamlToDirectory: "x" }), /renderYamlToDirectory/);
  });

  it("replaces the provider for another server, not for another token", () => {
    const olds = { kubeconfig: kubeconfig("https://a") };
    assert.deepEqual(configChanges(olds, { kubeconfig: kubeconfig("https://b") }).replaces, ["kubeconfig"]);
    assert.deepEqual(configChanges(olds, { kubeconfig: kubeconfig("https://a", "new") }), {
      changed: ["kubeconfig"],
      replaces: [],
    });
    assert.deepEqual(configChanges(olds, { kubeconfig: unknown }).replaces, ["kubeconfig"]);
    assert.deepEqual(configChanges(olds, olds), { changed: [], replaces: [] });
  });

  it("goes by the cluster identifier alone when there is one", () => {
    const olds = { kubeconfig: kubeconfig("https://a"), clusterIdentifier: "c" };
    assert.deepEqual(configChanges(olds, { ...olds, kubeconfig: kubeconfig("https://b") }).replaces, []);
    assert.deepEqual(configChanges(olds, { ...olds, kubeconfig: unknown }).replaces, []);
    assert.deepEqual(configChanges(olds, { ...olds, clusterIdentifier: "d" }).replaces, ["clusterIdentifier"]);
    assert.deepEqual(configChanges({ kubeconfig: olds.kubeconfig }, olds).replaces, []);
  });

  it("reads the runtime's options as the official host does", () => {
    assert.deepEqual(runtimeOptions({ typescript: false, nodeargs: "--require=sucrase/register --a='b c'" }), {
      nodeArguments: ["--require=sucrase/register", "--a=b c"],
      environment: { PULUMI_NODEJS_TYPESCRIPT: "false" },
    });
    assert.equal(runtimeOptions({}).environment["PULUMI_NODEJS_TYPESCRIPT"], "true");
    assert.throws(() => runtimeOptions({ nodeargs: 1 }), /nodeargs option must be a string/);
    assert.deepEqual(splitWords(`a "b \\"c" d\\ e`), ["a", 'b "c', "d e"]);
  });
});
