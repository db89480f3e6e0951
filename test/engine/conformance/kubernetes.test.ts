import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../cluster-lab";
import { ProviderLab, type ProviderStack } from "../provider-lab";

/*
 * What users of `pulumi-resource-kubernetes` rely on, as cases that run against whichever one is on PATH. What the stand-in
 * does otherwise is listed in local/stand-ins/README.md, and is no case here.
 */
describe("A Kubernetes provider", function () {
  this.timeout(60_000);
  const lab = new ProviderLab();
  before(() => lab.start());
  after(() => lab.remove());

  type Data = Record<string, pulumi.Input<string>>;
  const map =
    (data: Data, more: object = {}, opts: pulumi.CustomResourceOptions = {}) =>
    (provider: k8s.Provider, namespace: string) =>
      new k8s.core.v1.ConfigMap("map", { metadata: { namespace, ...more }, data }, { provider, ...opts });
  const named = { name: "map" };
  const deployment =
    (image: string, more: object = {}, opts: pulumi.CustomResourceOptions = {}) =>
    (provider: k8s.Provider, namespace: string) =>
      new k8s.apps.v1.Deployment(
        "web",
        {
          metadata: { name: "web", namespace, ...more },
          spec: {
            progressDeadlineSeconds: 2,
            selector: { matchLabels: { app: "web" } },
            template: {
              metadata: { labels: { app: "web" } },
              spec: { containers: [{ name: "web", image }] },
            },
          },
        },
        { provider, ...opts },
      );
  const succeeded = async (run: Promise<{ ok: boolean; text: string; steps: string[] }>) => {
    const { ok, text, steps } = await run;
    assert.ok(ok, text);
    return steps;
  };

  describe("names", () => {
    it("makes up a name with the logical one in front, and keeps it", async () => {
      const stack = await lab.stack();
      await succeeded(stack.up(map({ a: "1" })));
      const name = await stack.kubectl("get", "configmap", "-l", "!none", "-o", "name");
      assert.match(name, /configmap\/map-[0-9a-f]{8}/);
      assert.deepEqual(await succeeded(stack.up(map({ a: "1" }, { labels: { a: "b" } }))), ["update map"]);
      assert.equal(
        await stack.kubectl("get", "configmap", "-l", "a=b", "-o", "name"),
        /configmap\/map-\w+/.exec(name)?.[0],
      );
    });

    it("replaces an object with a made-up name after making the new one, and one with a given name before", async () => {
      const stack = await lab.stack();
      await succeeded(stack.up(map({ a: "1" })));
      const made = (await succeeded(stack.up(map({ a: "2" })))).filter((step) => !step.startsWith("replace"));
      assert.deepEqual(made, ["create-replacement map", "delete-replaced map"]);
      const other = await lab.stack();
      await succeeded(other.up(map({ a: "1" }, named)));
      const given = (await succeeded(other.up(map({ a: "2" }, named)))).filter((step) => !step.startsWith("replace"));
      assert.deepEqual(given, ["delete-replaced map", "create-replacement map"]);
      assert.equal(await other.field("configmap", "map", "{.data.a}"), "2");
    });

    it("changes a ConfigMap in place when it is told to", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      await succeeded(stack.up(map({ a: "1" }, named)));
      assert.deepEqual(await succeeded(stack.up(map({ a: "2" }, named))), ["update map"]);
    });

    it("replaces an object whose immutable field changes", async () => {
      const stack = await lab.stack();
      const service = (clusterIP: string) => (provider: k8s.Provider, namespace: string) =>
        new k8s.core.v1.Service(
          "service",
          {
            metadata: { name: "service", namespace, annotations: { "pulumi.com/skipAwait": "true" } },
            spec: { clusterIP, ports: [{ port: 80 }] },
          },
          { provider },
        );
      await succeeded(stack.up(service("None")));
      const steps = await succeeded(stack.up(service("10.96.200.1")));
      assert.ok(
        steps.includes("delete-replaced service") && steps.includes("create-replacement service"),
        steps.join(),
      );
    });

    it("does not take over an object that exists, unless it is told to", async () => {
      const stack = await lab.stack();
      await stack.kubectl("create", "configmap", "map", "--from-literal=a=by-hand");
      const { ok, text } = await stack.up(map({ a: "1" }, named));
      assert.ok(!ok);
      assert.match(text, /already exists/);
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "by-hand");
      stack.reconfigure({ upsertExistingObjects: true });
      const forced = { ...named, annotations: { "pulumi.com/patchForce": "true" } };
      await succeeded(stack.up(map({ a: "1" }, forced)));
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "1");
    });
  });

  describe("server-side apply", () => {
    it("leaves to others what they alone manage", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      await succeeded(stack.up(map({ a: "1" }, named)));
      await stack.kubectl("label", "configmap", "map", "theirs=yes", "--field-manager=them");
      await succeeded(stack.up(map({ a: "2" }, named)));
      assert.equal(await stack.field("configmap", "map", "{.metadata.labels.theirs}"), "yes");
    });

    it("takes to itself what was written with kubectl, and so takes away what the program does not say", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      await succeeded(stack.up(map({ a: "1" }, named)));
      await stack.kubectl("label", "configmap", "map", "by-hand=yes");
      await succeeded(stack.up(map({ a: "2" }, named)));
      assert.equal(await stack.field("configmap", "map", "{.metadata.labels}"), "");
    });

    it("takes away what it had set before and no longer sets", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      await succeeded(stack.up(map({ a: "1", b: "2" }, named)));
      await succeeded(stack.up(map({ a: "1" }, named)));
      assert.equal(await stack.field("configmap", "map", "{.data}"), '{"a":"1"}');
    });

    it("reports a conflict with another manager, names it, and wins with patchForce", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      await succeeded(stack.up(map({ a: "1" }, named)));
      await succeeded(stack.up(map({ a: "2" }, named)));
      await stack.kubectl("patch", "configmap", "map", "-p", '{"data":{"a":"theirs"}}', "--field-manager=them");
      const { ok, text } = await stack.up(map({ a: "3" }, named));
      assert.ok(!ok);
      assert.match(text, /conflict.*them|them.*conflict/is);
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "theirs");
      await succeeded(stack.up(map({ a: "3" }, { ...named, annotations: { "pulumi.com/patchForce": "true" } })));
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "3");
    });

    it("leaves alone what ignoreChanges names", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      const ignoring = { ignoreChanges: ["data.a"] };
      await succeeded(stack.up(map({ a: "1", b: "1" }, named, ignoring)));
      await stack.kubectl("patch", "configmap", "map", "-p", '{"data":{"a":"theirs"}}', "--field-manager=them");
      assert.deepEqual(await succeeded(stack.up(map({ a: "2", b: "1" }, named, ignoring))), []);
      assert.deepEqual(await succeeded(stack.up(map({ a: "2", b: "2" }, named, ignoring))), ["update map"]);
      assert.equal(await stack.field("configmap", "map", "{.data}"), '{"a":"theirs","b":"2"}');
    });
  });

  describe("preview", () => {
    it("is a dry run by the server: it refuses what the server would", async () => {
      const stack = await lab.stack();
      const wrong = (provider: k8s.Provider, namespace: string) =>
        new k8s.core.v1.Service(
          "service",
          { metadata: { name: "service", namespace }, spec: { ports: [{ port: 70_000 }] } },
          { provider },
        );
      const { ok, text } = await stack.preview(wrong);
      assert.ok(!ok);
      assert.match(text, /spec\.ports\[0\]\.port/);
    });

    it("changes nothing, and shows which fields an update would", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      await succeeded(stack.up(map({ a: "1", b: "1" }, named)));
      const { ok, steps, diffs } = await stack.preview(map({ a: "2", c: "1" }, named));
      assert.ok(ok);
      assert.deepEqual(steps, ["update map"]);
      assert.deepEqual(diffs["map"]?.sort(), ["data.a", "data.b", "data.c"]);
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "1");
    });

    it("bears with values that are not known yet, and with kinds and namespaces that come with the same update", async () => {
      const stack = await lab.stack();
      const program = (provider: k8s.Provider, namespace: string) => {
        const first = new k8s.core.v1.ConfigMap("first", { metadata: { namespace } }, { provider });
        const data = { uid: first.metadata.uid };
        new k8s.core.v1.ConfigMap("second", { metadata: { namespace }, data }, { provider });
        const home = new k8s.core.v1.Namespace("home", { metadata: { name: `${namespace}-home` } }, { provider });
        new k8s.core.v1.ConfigMap(
          "inside",
          { metadata: { namespace: home.metadata.name, name: "inside" } },
          { provider },
        );
        return { uid: first.metadata.uid };
      };
      const { ok, text, steps } = await stack.preview(program);
      assert.ok(ok, text);
      assert.deepEqual(steps.sort(), ["create first", "create home", "create inside", "create second"]);
      await succeeded(stack.up(program));
      const { uid } = await stack.outputs();
      assert.match(String(uid?.value), /^[0-9a-f-]{36}$/);
    });
  });

  describe("waiting", () => {
    it("ends when a Deployment is rolled out, and gives its status", async () => {
      const stack = await lab.stack();
      const program = deployment("web:1");
      await succeeded(
        stack.up((provider, namespace) => ({ ready: program(provider, namespace).status.readyReplicas })),
      );
      assert.equal((await stack.outputs())["ready"]?.value, 1);
    });

    it("fails with the reason when it cannot become ready, keeps it in the state, and mends it in the next update", async () => {
      const stack = await lab.stack();
      const { ok, text } = await stack.up(deployment("web:missing"));
      assert.ok(!ok);
      assert.match(text, /ImagePullBackOff|Failed to pull|missing/);
      assert.match(stack.state(), /"initErrors"/);
      assert.deepEqual(await succeeded(stack.up(deployment("web:1"))), ["update web"]);
      assert.doesNotMatch(stack.state(), /"initErrors"/);
    });

    it("looks again at what was not ready, even when nothing is changed", async () => {
      const stack = await lab.stack();
      await stack.up(deployment("web:missing"));
      const { ok, steps } = await stack.up(deployment("web:missing"));
      assert.ok(!ok);
      assert.deepEqual(steps, ["update web"]);
    });

    it("does not wait with skipAwait, and not longer than customTimeouts say", async () => {
      const stack = await lab.stack();
      const annotations = { "pulumi.com/skipAwait": "true" };
      await succeeded(stack.up(deployment("web:missing", { annotations })));
      const other = await lab.stack();
      const pod = (provider: k8s.Provider, namespace: string) =>
        new k8s.core.v1.Pod(
          "pod",
          { metadata: { name: "pod", namespace }, spec: { containers: [{ name: "a", image: "a:missing" }] } },
          { provider, customTimeouts: { create: "1s" } },
        );
      const begin = Date.now();
      assert.ok(!(await other.up(pod)).ok);
      assert.ok(Date.now() - begin < 15_000);
    });

    it("goes on with what does not depend on what failed", async () => {
      const stack = await lab.stack();
      const { ok } = await stack.up((provider, namespace) => {
        const web = deployment("web:missing")(provider, namespace);
        map({ a: "1" }, named)(provider, namespace);
        new k8s.core.v1.ConfigMap("after", { metadata: { name: "after", namespace } }, { provider, dependsOn: web });
      });
      assert.ok(!ok);
      assert.equal(await stack.kubectl("get", "configmap", "map", "-o", "name"), "configmap/map");
      await assert.rejects(stack.kubectl("get", "configmap", "after"), /not found/);
    });
  });

  describe("what is in the cluster already", () => {
    it("is imported, and then managed", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      await stack.kubectl("create", "configmap", "map", "--from-literal=a=1");
      const importing = { import: `${stack.namespace}/map` };
      assert.deepEqual(await succeeded(stack.up(map({ a: "1" }, named, importing))), ["import map"]);
      assert.deepEqual(await succeeded(stack.up(map({ a: "2" }, named))), ["update map"]);
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "2");
    });

    it("is compared with the state by a refresh: what was changed is put right, what is gone is made again", async () => {
      const stack = await lab.stack({ enableConfigMapMutable: true });
      const program = (provider: k8s.Provider, namespace: string) => {
        map({ a: "1" }, { ...named, annotations: { "pulumi.com/patchForce": "true" } })(provider, namespace);
        new k8s.core.v1.ConfigMap("gone", { metadata: { name: "gone", namespace } }, { provider });
      };
      await succeeded(stack.up(program));
      await stack.kubectl("patch", "configmap", "map", "-p", '{"data":{"a":"theirs"}}');
      await stack.kubectl("delete", "configmap", "gone");
      assert.ok((await stack.refresh()).ok);
      assert.deepEqual((await succeeded(stack.up(program))).sort(), ["create gone", "update map"]);
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "1");
    });

    it("is read with `get`, without becoming part of the stack", async () => {
      const stack = await lab.stack();
      await stack.kubectl("create", "configmap", "theirs", "--from-literal=a=1");
      await succeeded(
        stack.up((provider, namespace) => ({
          a: k8s.core.v1.ConfigMap.get("theirs", `${namespace}/theirs`, { provider }).data["a"],
        })),
      );
      assert.equal((await stack.outputs())["a"]?.value, "1");
      await succeeded(stack.destroy());
      assert.equal(await stack.field("configmap", "theirs", "{.data.a}"), "1");
    });
  });

  describe("secrets", () => {
    it("are secret in the state, in outputs and in previews, whether marked or by their kind", async () => {
      const stack = await lab.stack();
      const program = (provider: k8s.Provider, namespace: string) => {
        const secret = new k8s.core.v1.Secret(
          "secret",
          { metadata: { name: "secret", namespace }, stringData: { password: "hunter2-hunter2" } },
          { provider },
        );
        return { password: secret.data["password"] };
      };
      const { text } = await stack.preview(program);
      assert.doesNotMatch(text, /hunter2/);
      await succeeded(stack.up(program));
      assert.equal(
        await stack.field("secret", "secret", "{.data.password}"),
        Buffer.from("hunter2-hunter2").toString("base64"),
      );
      const state = stack.state();
      assert.doesNotMatch(state, /hunter2|aHVudGVyMi1odW50ZXIy/);
      assert.equal((await stack.outputs())["password"]?.secret, true);
    });
  });

  describe("deleting", () => {
    it("waits until the object is gone, finalizers and all", async () => {
      const stack = await lab.stack();
      await succeeded(stack.up(map({ a: "1" }, { ...named, finalizers: ["example.com/hold"] })));
      const destroying = stack.destroy();
      const marked = () => stack.field("configmap", "map", "{.metadata.deletionTimestamp}");
      await until("it is marked", async () => (await marked()) !== "");
      await stack.kubectl("patch", "configmap", "map", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
      await succeeded(destroying);
      await assert.rejects(stack.kubectl("get", "configmap", "map"), /not found/);
    });

    it("takes what an object owns along, and is no error when the object is gone", async () => {
      const stack = await lab.stack();
      await succeeded(stack.up(deployment("web:1")));
      assert.ok(await stack.kubectl("get", "pods", "-o", "name"));
      await succeeded(stack.destroy());
      assert.equal(await stack.kubectl("get", "pods,replicasets", "-o", "name"), "");
      const other = await lab.stack();
      await succeeded(other.up(map({ a: "1" }, named)));
      await other.kubectl("delete", "configmap", "map");
      await succeeded(other.destroy());
    });

    it("leaves an object with retainOnDelete where it is", async () => {
      const stack = await lab.stack();
      await succeeded(stack.up(map({ a: "1" }, named, { retainOnDelete: true })));
      await succeeded(stack.destroy());
      assert.equal(await stack.field("configmap", "map", "{.data.a}"), "1");
    });
  });

  it("makes a definition before an object of its kind, and finds the kind at once", async () => {
    const stack = await lab.stack();
    const group = `${stack.namespace}.example.com`;
    const names = { kind: "Shop", plural: "shops", singular: "shop" };
    const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
    const program = (provider: k8s.Provider, namespace: string) => {
      const definition = new k8s.apiextensions.v1.CustomResourceDefinition(
        "definition",
        {
          metadata: { name: `shops.${group}` },
          spec: { group, names, scope: "Namespaced", versions: [{ name: "v1", served: true, storage: true, schema }] },
        },
        { provider },
      );
      // In the foreground the garbage collector, which looks for new kinds every 30 s, would have to know this one.
      const annotations = { "pulumi.com/deletionPropagationPolicy": "background" };
      const shop = {
        apiVersion: `${group}/v1`,
        kind: "Shop",
        metadata: { name: "shop", namespace, annotations },
        spec: { open: true },
      };
      new k8s.apiextensions.CustomResource("shop", shop, { provider, dependsOn: definition });
    };
    assert.ok((await stack.preview(program)).ok);
    assert.deepEqual(await succeeded(stack.up(program)), ["create definition", "create shop"]);
    assert.equal(await stack.field(`shops.${group}`, "shop", "{.spec.open}"), "true");
    assert.deepEqual(await succeeded(stack.destroy()), ["delete shop", "delete definition"]);
  });

  describe("its cluster", () => {
    const one = map({ a: "1" }, named);

    it("is found by a kubeconfig's content, its path, and a context in it", async () => {
      const path = join(lab.cluster.projectDir, "two-contexts");
      const text = lab.kubeconfig.replace(/current-context: .*/, "current-context: nowhere");
      writeFileSync(path, text);
      const context = /current-context: (.*)/.exec(lab.kubeconfig)?.[1]?.trim() ?? "";
      for (const args of [{ kubeconfig: lab.kubeconfig }, { kubeconfig: path, context }]) {
        const stack = await lab.stack(args);
        await succeeded(stack.up(one));
        assert.equal(await stack.field("configmap", "map", "{.data.a}"), "1");
      }
    });

    it("that does not answer is an error which names it, and loses nothing of the state", async () => {
      const stack: ProviderStack = await lab.stack({ clusterIdentifier: "one" });
      await succeeded(stack.up(one));
      const before = stack.state().length;
      stack.reconfigure({ kubeconfig: lab.kubeconfig.replace(/server: .*/, "server: https://127.0.0.1:9") });
      const { ok, text } = await stack.up(map({ a: "2" }, named));
      assert.ok(!ok);
      assert.match(text, /127\.0\.0\.1:9|unreachable/);
      assert.match(stack.state(), /"a": ?"1"/);
      assert.ok(stack.state().length > before / 2);
      stack.reconfigure({ kubeconfig: lab.kubeconfig });
      assert.ok((await stack.up(map({ a: "2" }, named))).ok);
    });

    it("is another one when its server changes: everything is made there anew", async () => {
      const stack = await lab.stack({ clusterIdentifier: "one" });
      await succeeded(stack.up(one));
      stack.reconfigure({ clusterIdentifier: "two" });
      const { steps } = await stack.preview(one);
      assert.ok(
        steps.some((step) => step.includes("replace map") || step === "create-replacement map"),
        steps.join(),
      );
    });
  });
});
