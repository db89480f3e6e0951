import { strict as assert } from "node:assert";
import { liveInputs } from "../../local/stand-ins/kubernetes/drift";
import { sameQuantity } from "../../local/stand-ins/kubernetes/quantity";
import { plain, secret } from "../../local/stand-ins/kubernetes/wire";
import type { Fields } from "../../local/stand-ins/kubernetes/wire";

const base = { apiVersion: "v1", kind: "Thing" };

describe("stand-in: what a refresh finds", () => {
  it("leaves out what the cluster added, and finds what it changed or lost", () => {
    const inputs: Fields = { ...base, metadata: { name: "a", labels: { x: "1", y: "2" } }, spec: { replicas: 1 } };
    const live: Fields = {
      ...base,
      metadata: { name: "a", uid: "u", labels: { x: "9" } },
      spec: { replicas: 3, strategy: {} },
      status: {},
    };
    assert.deepEqual(liveInputs(inputs, live), {
      ...base,
      metadata: { name: "a", labels: { x: "9" } },
      spec: { replicas: 3 },
    });
  });

  it("keeps a value that is only written in another way", () => {
    const inputs: Fields = { ...base, spec: { cpu: "1000m", memory: "1024Mi", port: 80, empty: [], none: null } };
    const live: Fields = { ...base, spec: { cpu: "1", memory: "1Gi", port: 80 } };
    assert.deepEqual(liveInputs(inputs, live), inputs);
  });

  it("compares named things by name, so that an injected sidecar is no drift", () => {
    const inputs: Fields = { ...base, containers: [{ name: "app", image: "a:1" }] };
    const live: Fields = {
      ...base,
      containers: [
        { name: "proxy", image: "p" },
        { name: "app", image: "a:2" },
      ],
    };
    assert.deepEqual(liveInputs(inputs, live)["containers"], [{ name: "app", image: "a:2" }]);
  });

  it("reads a Secret's stringData back from its data, and keeps it secret", () => {
    const inputs: Fields = { apiVersion: "v1", kind: "Secret", stringData: secret({ a: "x", b: "y" }) };
    const live: Fields = { apiVersion: "v1", kind: "Secret", data: { a: "eA==", b: "eno=" } };
    const found = liveInputs(inputs, live);
    assert.deepEqual(plain(found)["stringData"], { a: "x", b: "zz" });
    assert.notDeepEqual(found["stringData"], plain(found)["stringData"]);
  });

  it("knows amounts by their value", () => {
    for (const [a, b] of [
      ["1", "1000m"],
      ["0.5", "500m"],
      ["1Gi", "1024Mi"],
      ["1e3", "1k"],
      ["100Mi", 104857600],
    ] as const)
      assert.ok(sameQuantity(a, b), `${a} is ${b}`);
    assert.ok(!sameQuantity("1G", "1Gi"));
  });
});
