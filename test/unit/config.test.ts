import { strict as assert } from "node:assert";
import { encrypt, ofService, problems, refusal, says, secrets, twoVersions, v1, v2, valid } from "./refusals";

describe("a stack's config", () => {
  it("is refused with every problem at once, the number of them first, the schema's and the rules' alike", () => {
    assert.equal(
      refusal({
        cluster: { kind: "kubeconfig" },
        namespace: "FTGO",
        services: {
          consumer: { ...twoVersions, canary: { version: "v3", wieght: 5 } },
          gateway: { replicas: { min: 3, max: 2 } },
          restaurant: { placement: { near: { consumre: "required", gateway: "preferred" } } },
        },
      }),
      [
        "stacks/Pulumi.test.yaml: 8 problems; nothing was changed",
        "  ftgo:cluster.context is missing; give a text",
        "  ftgo:namespace is \"FTGO\"; use lower-case letters, digits and '-', 63 characters at most",
        '  ftgo:services.consumer.canary.wieght is not a known key; did you mean "weight"?',
        "  ftgo:services.gateway.replicas.max is 2; it must not be less than min",
        '  ftgo:services.consumer.canary.version is "v3", which is not under `versions`; did you mean "v2"?',
        '  ftgo:services.restaurant.placement.near.consumre is not under `services`; did you mean "consumer"?',
        `  ftgo:secrets.databasePassword is missing; ${encrypt()}`,
        `  ftgo:secrets.databaseAdminPassword is missing; ${encrypt("databaseAdminPassword")}`,
      ].join("\n"),
    );
  });

  describe("with a wrong value that others go with", () => {
    const canary = { version: "v9", weight: 101 };
    const ofCanary = [
      "ftgo:services.shop.canary.weight is 101; the most is 100",
      'ftgo:services.shop.canary.version is "v9", which is not under `versions`; did you mean "v2"?',
    ];
    says(
      [
        [{ ...twoVersions, canary }, ...ofCanary],
        [
          { versions: { v1, v2: { image: 2 } }, stable: "v3", canary: { ...canary, weight: 1 } },
          "ftgo:services.shop.versions.v2.image is 2; give a text",
          'ftgo:services.shop.stable is "v3", which is not under `versions`; did you mean "v1"?',
          'ftgo:services.shop.canary.version is "v9", which is not under `versions`; did you mean "v1"?',
        ],
        [
          { ...v1, ports: 1, mounts: [{ volume: "a", path: "/a" }], placement: { near: { nobody: "required" } } },
          'ftgo:services.shop.ports is not a known key; did you mean "port"?',
          'ftgo:services.shop.mounts[0].volume is "a", which is not under `volumes`',
          "ftgo:services.shop.placement.near.nobody is not under `services`; there is shop",
        ],
      ],
      ofService,
    );

    const told = (given: unknown) => ofService(given).map((line) => line.replace("ftgo:services.shop.", ""));
    it("says nothing that depends on it", () => {
      assert.deepEqual(told({ imgae: "example/shop:1" }), ['imgae is not a known key; did you mean "image"?']);
      assert.deepEqual(told({ image: 1 }), ["image is 1; give a text"]);
      assert.deepEqual(told({ versions: 1, stable: "v9" }), ["versions is 1; give a map"]);
      assert.deepEqual(told({ ...v1, volumes: 1, mounts: [{ volume: "a", path: "/a" }] }), [
        "volumes is 1; give a map",
      ]);
      assert.deepEqual(told({ ...twoVersions, canary: { weight: 5 } }), ["canary.version is missing; give a text"]);
      assert.deepEqual(told({ ...v1, mounts: [{ path: "/a" }, { volume: "b", path: "/b" }] }), [
        "mounts[0].volume is missing; give a text",
      ]);
    });

    it("holds the other services against the rules all the same", () => {
      const taken = { ...v1, expose: { kind: "NodePort", nodePort: 30001 } };
      assert.deepEqual(problems({ services: { a: { ...taken, replicas: -1 }, b: { ...taken, name: "a" } } }), [
        "ftgo:services.a.replicas is -1; the least is 0",
        "ftgo:services.b.name is a, which services.a has already",
        "ftgo:services.b.expose.nodePort is 30001, which services.a has already",
      ]);
    });
  });

  it("is refused with `1 problem` when there is one", () => {
    assert.match(refusal({ ...valid, namespace: 1 }), /^stacks\/Pulumi\.test\.yaml: 1 problem; nothing was changed\n/);
  });

  it("tells what must be there when nothing is", () => {
    assert.deepEqual(refusal({}).split("\n").slice(1), [
      "  ftgo:cluster is missing; give a map",
      "  ftgo:services is missing; give a map",
    ]);
  });

  it("may name a service and say no more", () => {
    assert.equal(refusal({ ...valid, services: { restaurant: null, consumer: {} } }), "accepted");
  });

  describe("at the top", () => {
    says(
      [
        [{ servces: {} }, 'ftgo:servces is not a known key; did you mean "services"?'],
        [
          { databasePassword: "x" },
          "ftgo:databasePassword is not a known key; there is cluster, namespace, pinnedImages, services, mesh, " +
            "telemetry, dataStores, backend, secrets",
        ],
        [{ cluster: "embedded" }, 'ftgo:cluster is "embedded"; give a map'],
        [{ cluster: {} }, "ftgo:cluster.kind is missing; give one of embedded, kubeconfig, eks"],
        [
          { cluster: { kind: "embeded" } },
          'ftgo:cluster.kind is "embeded"; give one of embedded, kubeconfig, eks; did you mean "embedded"?',
        ],
        [{ cluster: { kind: "embedded", context: "prod" } }, "ftgo:cluster.context is not a known key; there is kind"],
        [{ cluster: { kind: "kubeconfig", context: "" } }, 'ftgo:cluster.context is ""; the least is 1 character'],
        [{ services: [] }, "ftgo:services is a list; give a map"],
        [
          { services: { Shop: v1 } },
          "ftgo:services.Shop has a name that cannot be used: use lower-case letters, digits and '-', starting with a letter, 63 characters at most",
        ],
        [{ pinnedImages: "yes" }, 'ftgo:pinnedImages is "yes"; give one of true, false'],
        [{ mesh: { replica: 2 } }, 'ftgo:mesh.replica is not a known key; did you mean "replicas"?'],
        [{ mesh: { replicas: 0 } }, "ftgo:mesh.replicas is 0; the least is 1"],
        [
          { dataStores: { mysql: { storage: "1GB" } } },
          'ftgo:dataStores.mysql.storage is "1GB"; use a Kubernetes quantity such as 250m (CPU) or 512Mi (memory)',
        ],
        [{ dataStores: { kafka: { storage: "0Gi" } } }, 'ftgo:dataStores.kafka.storage is "0Gi"; use more than 0'],
        [
          { dataStores: { databaseUser: "my user" } },
          "ftgo:dataStores.databaseUser is \"my user\"; use up to 23 letters, digits and '_'",
        ],
        [
          { backend: "s4://state" },
          'ftgo:backend is "s4://state"; use a Pulumi backend such as s3://bucket?region=eu-central-1',
        ],
      ],
      problems,
    );
  });

  describe("with pinnedImages", () => {
    const digest = `example/shop@sha256:${"0".repeat(64)}`;
    const moves = (path: string, image: string) =>
      `ftgo:${path} is ${image}, which can change under its name; give a fixed tag or a digest (pinnedImages is on)`;
    const dataStores = { mysql: { image: "mysql:8.4" } };

    for (const pinnedImages of [true, "true"]) {
      it(`${JSON.stringify(pinnedImages)} refuses every image whose name can change its meaning`, () => {
        const shop = {
          versions: { v1: { image: "example/shop" }, v2, v3: { image: digest }, v4: { image: "example/shop:latest" } },
          stable: "v1",
          sidecars: { pull: { image: "registry.example:5000/pull" } },
          initContainers: { clone: { image: "example/clone:latest" } },
        };
        assert.deepEqual(problems({ pinnedImages, dataStores, services: { shop } }), [
          moves("services.shop.versions.v1.image", "example/shop"),
          moves("services.shop.versions.v4.image", "example/shop:latest"),
          moves("services.shop.sidecars.pull.image", "registry.example:5000/pull"),
          moves("services.shop.initContainers.clone.image", "example/clone:latest"),
        ]);
        const services = { shop: { image: digest } };
        assert.deepEqual(problems({ pinnedImages, dataStores, services }), []);
        const telemetry = { prometheus: { image: "prom" }, tracing: { collector: { image: "otel:latest" } } };
        assert.deepEqual(problems({ pinnedImages, telemetry, services }), [
          moves("dataStores.mysql.image", "msapatterns/mysql:latest"),
          moves("telemetry.prometheus.image", "prom"),
          moves("telemetry.tracing.collector.image", "otel:latest"),
        ]);
      });
    }

    for (const pinnedImages of [false, "false", undefined]) {
      it(`${JSON.stringify(pinnedImages)} takes them`, () => {
        assert.deepEqual(problems({ pinnedImages, services: { shop: { image: "example/shop" } } }), []);
      });
    }
  });

  it("refuses placements that no scheduler could keep all at once (A2)", () => {
    const service = (near: object, apart: object = {}) => ({ image: "s:1", placement: { near, apart } });
    const waits = (key: string, other: string) =>
      `ftgo:services.${key}.placement.near.${other} is required, and ${other} waits for ${key} in the same way: ` +
      'neither could start; make one "preferred"';
    const [a, b, c] = [service({ b: "required" }), service({ c: "required" }), service({ a: "required" })];
    assert.deepEqual(problems({ services: { a, b, c } }), [waits("a", "b"), waits("b", "c"), waits("c", "a")]);
    assert.deepEqual(problems({ services: { a, b, c: service({ a: "preferred" }) } }), []);
    assert.deepEqual(problems({ services: { a, b: service({}, { a: "required" }) } }), [
      'ftgo:services.b.placement.apart.a is required, but so is that a is on one node with b; make one "preferred"',
    ]);
    assert.deepEqual(problems({ services: { a, b: service({}, { a: "preferred" }) } }), []);
    assert.deepEqual(problems({ services: { a, b, c: service({}, { a: "required" }) } }), [
      'ftgo:services.c.placement.apart.a is required, but so is that a is on one node with c; make one "preferred"',
    ]);
    const nearBoth = service({ b: "required", c: "required" });
    assert.deepEqual(problems({ services: { a: nearBoth, b: service({}, { c: "required" }), c: service({}) } }), [
      'ftgo:services.b.placement.apart.c is required, but so is that a is on one node with b and c; make one "preferred"',
    ]);
  });

  it("takes every image reference that a registry would", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const references = [
      "shop",
      "a/b__c/d--e.f",
      "registry.example:5000/x/y:Tag_1.2",
      `r.example/x@${digest}`,
      `x:1@${digest}`,
    ];
    for (const image of references) assert.deepEqual(ofService({ image }), [], image);
    for (const image of ["", "a//b", "a/", "-a", "a b", "a@sha256:0"])
      assert.equal(ofService({ image }).length, 1, image);
  });

  it("answers, however wrong an image is, without trying all ways to split it", () => {
    const image = `example${"-a".repeat(28)}/shop:1:`;
    assert.equal(ofService({ image }).length, 1);
  });

  it("does not repeat a long value", () => {
    const [said = ""] = ofService({ image: `a/${"b".repeat(5000)}!` });
    assert.ok(said.length < 300, said);
  });

  describe("that has a secret in plain text", () => {
    const plain = "hunter2-in-plain-text";
    const at = (where: string, problem = "is not encrypted") => `ftgo:secrets.${where} ${problem}; ${encrypt()}`;
    const other = (problem: string) =>
      `ftgo:secrets.databaseAdminPassword ${problem}; ${encrypt("databaseAdminPassword")}`;
    const withPassword = (databasePassword: unknown) => ({ secrets: { ...secrets, databasePassword } });
    says(
      [
        [{ secrets: plain }, at("databasePassword"), other("is not encrypted")],
        [{ secrets: [plain] }, at("databasePassword"), other("is not encrypted")],
        [{ secrets: {} }, at("databasePassword", "is missing"), other("is missing")],
        [withPassword(plain), at("databasePassword")],
        [withPassword(12345), at("databasePassword")],
        [withPassword({ secure: 12345 }), at("databasePassword.secure")],
        [
          withPassword({ secret: plain }),
          at("databasePassword.secure", "is missing"),
          'ftgo:secrets.databasePassword.secret is not a known key; did you mean "secure"?',
        ],
        [
          { secrets: { ...secrets, databasePasword: plain } },
          'ftgo:secrets.databasePasword is not a known key; did you mean "databasePassword"?',
        ],
      ],
      (given) => {
        const message = refusal({ ...valid, ...given });
        assert.ok(!message.includes(plain) && !message.includes("12345"), "it is not shown");
        return problems(given);
      },
    );
  });
});
