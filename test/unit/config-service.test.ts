import { strict as assert } from "node:assert";
import { made } from "./aws-platform";
import { ftgo } from "./ftgo-program";
import { ofService, problems, says, twoVersions, v1, v2 } from "./refusals";

describe("a stack's config", () => {
  describe("of a service", () => {
    says(
      [
        [{}, "ftgo:services.shop has neither `image` nor `versions`; give one of them"],
        [
          { image: "Example/Shop:1" },
          'ftgo:services.shop.image is "Example/Shop:1"; use an image reference such as registry/name:tag or ' +
            "name@sha256:<64 hex digits>",
        ],
        [
          { ...v1, imagePullPolicy: "always" },
          'ftgo:services.shop.imagePullPolicy is "always"; give one of Always, IfNotPresent, Never; did you mean "Always"?',
        ],
        [
          { ...v1, resources: { requests: { memory: "1Gi", cpu: 1 }, limits: { memory: "1000M", cpu: "500m" } } },
          "ftgo:services.shop.resources.requests.cpu is 1; it must not be more than the limit, 500m",
          'ftgo:services.shop.resources.requests.memory is "1Gi"; it must not be more than the limit, 1000M',
        ],
        [
          { ...v1, volumes: { data: { secret: { name: "My_Secret" } } } },
          "ftgo:services.shop.volumes.data.secret.name is \"My_Secret\"; use lower-case letters, digits, '-' and '.'",
        ],
        [{ ...v1, imagePullSecrets: ["a", "a"] }, 'ftgo:services.shop.imagePullSecrets[1] is "a" again; name it once'],
        [
          {
            ...v1,
            volumes: { data: { emptyDir: {} } },
            mounts: [
              { volume: "data", path: "/tmp" },
              { volume: "data", path: "/data" },
              { volume: "data", path: "/data" },
            ],
          },
          'ftgo:services.shop.mounts[0].path is "/tmp", where something is already; choose another',
          'ftgo:services.shop.mounts[2].path is "/data", where something is already; choose another',
        ],
        [{ ...v1, replicas: "2" }, 'ftgo:services.shop.replicas is "2"; give a number or a map'],
        [{ ...v1, replicas: -1 }, "ftgo:services.shop.replicas is -1; the least is 0"],
        [{ ...v1, replicas: { min: 3, max: 2 } }, "ftgo:services.shop.replicas.max is 2; it must not be less than min"],
        [
          { ...v1, replicas: { min: 3, maxx: 4 } },
          "ftgo:services.shop.replicas.max is missing; give a number",
          'ftgo:services.shop.replicas.maxx is not a known key; did you mean "max"?',
        ],
        [{ ...v1, port: 70000 }, "ftgo:services.shop.port is 70000; the most is 65535"],
        [{ ...v1, env: "A=1" }, 'ftgo:services.shop.env is "A=1"; give a map'],
        [{ ...v1, env: ["A=1"] }, "ftgo:services.shop.env is a list; give a map"],
        [
          { ...v1, env: { A: { secure: "v1:encrypted" } } },
          "ftgo:services.shop.env.A is an encrypted value; give a text or a number or true or false",
        ],
        [
          { ...v1, secure: "v1:encrypted" },
          "ftgo:services.shop.secure holds an encrypted value; such values have their place under ftgo:secrets alone",
        ],
        [{ ...v1, env: null }, "ftgo:services.shop.env is null; give a map"],
        [
          { ...v1, env: { "1A": "x" } },
          "ftgo:services.shop.env.1A has a name that cannot be used: use letters, digits, '_', '.' and '-', not " +
            "starting with a digit",
        ],
        [{ ...v1, env: { A: null } }, "ftgo:services.shop.env.A is null; give a text or a number or true or false"],
        [
          { ...v1, probes: { livenes: {} } },
          'ftgo:services.shop.probes.livenes is not a known key; did you mean "liveness"?',
        ],
        [
          { ...v1, probes: { liveness: { path: "health", periodSeconds: 0 } } },
          "ftgo:services.shop.probes.liveness.path is \"health\"; use a path that starts with '/'",
          "ftgo:services.shop.probes.liveness.periodSeconds is 0; the least is 1",
        ],
        [
          { ...v1, resources: { requests: { cpu: "1 core" } } },
          'ftgo:services.shop.resources.requests.cpu is "1 core"; use a Kubernetes quantity such as 250m (CPU) or ' +
            "512Mi (memory)",
        ],
        [
          { ...v1, rollout: { deadlineSeconds: 5, minReadySeconds: 10 } },
          "ftgo:services.shop.rollout.deadlineSeconds is 5; it must be greater than minReadySeconds, 10; the default is 600",
        ],
        [
          { ...v1, stop: { drainSeconds: 30, graceSeconds: 30 } },
          "ftgo:services.shop.stop.graceSeconds is 30; it must be greater than drainSeconds, 30; the default is 45",
        ],
        [
          { ...v1, config: { files: { "etc/shop.conf": "x" } } },
          'ftgo:services.shop.config.files["etc/shop.conf"] has a name that cannot be used: use an absolute path of ' +
            "letters, digits, '_', '.' and '-', without . or ..",
        ],
        [
          { ...v1, config: { files: { "/etc/shop": "x", "/etc_shop": "y" } } },
          "ftgo:services.shop.config.files[\"/etc_shop\"] differs from another one only in '/' and '_', which a " +
            "ConfigMap cannot tell apart",
        ],
        [
          { ...v1, volumes: { data: { hostPath: {} } } },
          "ftgo:services.shop.volumes.data.hostPath is not a known key; there is emptyDir, configMap, secret, claim",
        ],
        [
          { ...v1, volumes: { data: { claim: { nam: "x" } } } },
          "ftgo:services.shop.volumes.data.claim.name is missing; give a text",
          'ftgo:services.shop.volumes.data.claim.nam is not a known key; did you mean "name"?',
        ],
        [
          { ...v1, volumes: { data: { emptyDir: {}, claim: { name: "x" } } } },
          "ftgo:services.shop.volumes.data.claim does not go with what stands beside it; keep one of them",
        ],
        [
          { ...v1, volumes: { tmp: { emptyDir: {} } } },
          "ftgo:services.shop.volumes.tmp has a name that the pod uses already; choose another",
        ],
        [
          { ...v1, volumes: { "istio-envoy": { emptyDir: {} } }, sidecars: { "istio-proxy": v1 } },
          "ftgo:services.shop.volumes.istio-envoy has a name that the pod uses already; choose another",
          "ftgo:services.shop.sidecars.istio-proxy has a name that the pod uses already; choose another",
        ],
        [
          { ...v1, sidecars: { shop: v1, pull: v1 }, initContainers: { pull: v1 } },
          "ftgo:services.shop.sidecars.shop has a name that the pod uses already; choose another",
          "ftgo:services.shop.initContainers.pull has a name that the pod uses already; choose another",
        ],
        [
          { ...v1, volumes: { data: { emptyDir: {} } }, mounts: [{ volume: "dta", path: "/data" }] },
          'ftgo:services.shop.mounts[0].volume is "dta", which is not under `volumes`; did you mean "data"?',
        ],
        [
          { ...v1, sidecars: { pull: { ...v1, mounts: [{ volume: "site", path: "/site" }] } } },
          'ftgo:services.shop.sidecars.pull.mounts[0].volume is "site", which is not under `volumes`',
        ],
        [{ ...v1, sidecars: { pull: {} } }, "ftgo:services.shop.sidecars.pull.image is missing; give a text"],
        [
          { ...v1, placement: { near: { shop: "required" } } },
          "ftgo:services.shop.placement.near.shop is the service itself; `spread` places its own pods",
        ],
        [
          { ...v1, placement: { apart: { cart: "required" } } },
          "ftgo:services.shop.placement.apart.cart is not under `services`; there is shop",
        ],
        [
          { ...v1, placement: { spread: { nodes: "must" } } },
          'ftgo:services.shop.placement.spread.nodes is "must"; give one of required, preferred',
        ],
        [
          { ...v1, expose: { kind: "Loadbalancer" } },
          'ftgo:services.shop.expose.kind is "Loadbalancer"; give one of ClusterIP, NodePort, LoadBalancer; did you ' +
            'mean "LoadBalancer"?',
        ],
        [
          { ...v1, expose: { kind: "NodePort", nodePort: 80 } },
          "ftgo:services.shop.expose.nodePort is 80; the least is 30000",
        ],
        [
          { ...v1, expose: { kind: "NodePort", nodePort: 32768 } },
          "ftgo:services.shop.expose.nodePort is 32768; the most is 32767",
        ],
        [
          { ...v1, expose: { kind: "ClusterIP", nodePort: 30000 } },
          "ftgo:services.shop.expose.nodePort is not a known key; there is kind, port",
        ],
      ],
      ofService,
    );

    it("says of two with one name, or one port of the nodes, which has it already", () => {
      const expose = { kind: "NodePort" };
      assert.deepEqual(problems({ services: { a: { ...v1, expose }, b: { ...v1, name: "a", expose } } }), [
        "ftgo:services.b.name is a, which services.a has already",
        "ftgo:services.b.expose.nodePort is 30000, which services.a has already",
      ]);
    });
  });

  describe("with names that clash", () => {
    const said = (services: Record<string, unknown>) => problems({ services });
    it("says of one that is another one's subset whose it is", () => {
      assert.deepEqual(said({ shop: v1, "shop-one-image": v1 }), [
        "ftgo:services.shop-one-image.name is shop-one-image, which services.shop has already",
      ]);
    });

    it("says of one that is a data store's which store has it", () => {
      assert.deepEqual(said({ "ftgo-mysql": v1, shop: { ...v1, name: "ftgo-kafka" } }), [
        "ftgo:services.ftgo-mysql.name is ftgo-mysql, which dataStores.mysql has already",
        "ftgo:services.shop.name is ftgo-kafka, which dataStores.kafka has already",
      ]);
    });
    it("says of one that is a version's of another service which version has it, in whatever order they stand", () => {
      const other = { ...v1, name: "ftgo-consumer-service-v1" };
      const consumer = { versions: { v1 } };
      assert.deepEqual(said({ consumer, other }), [
        "ftgo:services.other.name is ftgo-consumer-service-v1, which services.consumer.versions.v1 has already",
      ]);
      assert.deepEqual(said({ other, consumer }), [
        "ftgo:services.consumer.versions.v1 is deployed as ftgo-consumer-service-v1, which services.other has already",
      ]);
    });
    it("says of one that the program uses itself that it has it", async () => {
      const registered = [await ftgo(), await made()].flatMap(({ all }) =>
        all.map(({ name }) => name.split("/")[0] ?? ""),
      );
      const services = ["ftgo-restaurant-service", "ftgo-consumer-service", "ftgo-api-gateway"];
      const own = [...new Set(registered)].filter((name) => !services.includes(name) && name !== "");
      assert.ok(own.includes("mesh") && own.includes("network"), own.join());
      for (const name of own) {
        const message = `ftgo:services.shop.name is ${name}, which the program itself has already`;
        assert.deepEqual(said({ shop: { ...v1, name } }), [message]);
      }
    });
  });

  describe("of a release", () => {
    says(
      [
        [{ ...v1, ...twoVersions }, "ftgo:services.shop.image stands beside `versions`; keep one of the two"],
        [{ versions: {} }, "ftgo:services.shop.versions is empty; name at least one version"],
        [{ versions: { v1: {} } }, "ftgo:services.shop.versions.v1.image is missing; give a text"],
        [
          { versions: { V1: v1 } },
          "ftgo:services.shop.versions.V1 has a name that cannot be used: use a short name such as v2",
        ],
        [
          { versions: { "one-image": v1 } },
          "ftgo:services.shop.versions.one-image has a name that cannot be used: it is what the mesh calls a service without versions; use another one, such as v2",
        ],
        [{ versions: { v1, v2 } }, "ftgo:services.shop.stable is missing; name the version that users get: v1, v2"],
        [{ ...v1, stable: "v1" }, "ftgo:services.shop.stable needs `versions`; this service has one `image`"],
        [
          { ...v1, canary: { version: "v2" } },
          "ftgo:services.shop.canary needs `versions`; this service has one `image`",
        ],
        [
          { ...twoVersions, stable: "blue" },
          'ftgo:services.shop.stable is "blue", which is not under `versions`; there is v1, v2',
        ],
        [{ ...twoVersions, canary: { weight: 5 } }, "ftgo:services.shop.canary.version is missing; give a text"],
        [
          { ...twoVersions, canary: { version: "green", weight: 5 } },
          'ftgo:services.shop.canary.version is "green", which is not under `versions`; there is v2',
        ],
        [
          { ...twoVersions, canary: { version: "v1", weight: 5 } },
          "ftgo:services.shop.canary.version is the stable version; name another one, or remove `canary`",
        ],
        [
          { versions: { v1, v2: { ...v2, replicas: 0 } }, stable: "v1", canary: { version: "v2", weight: 5 } },
          "ftgo:services.shop.versions.v2.replicas is 0, and users or testers get version v2; give it at least 1",
        ],
        [
          { ...twoVersions, replicas: 0 },
          "ftgo:services.shop.replicas is 0, and users or testers get version v1; give it at least 1",
        ],
        [
          { ...twoVersions, canary: { version: "v2", weight: 101 } },
          "ftgo:services.shop.canary.weight is 101; the most is 100",
        ],
        [
          { ...twoVersions, canary: { version: "v2", weight: -1 } },
          "ftgo:services.shop.canary.weight is -1; the least is 0",
        ],
        [
          { ...twoVersions, canary: { version: "v2", weight: 0.5 } },
          "ftgo:services.shop.canary.weight is 0.5; give a whole number",
        ],
        [
          { ...twoVersions, canary: { version: "v2", weight: "5" } },
          'ftgo:services.shop.canary.weight is "5"; give a number',
        ],
        [
          { ...twoVersions, canary: { version: "v2", testers: { header: "test user" } } },
          "ftgo:services.shop.canary.testers.header is \"test user\"; use a header name: letters, digits and '-'",
        ],
      ],
      ofService,
    );

    it("is one key: a new weight changes the route and nothing else", async () => {
      const consumer = (weight: number) => ({ ...twoVersions, canary: { version: "v2", weight } });
      const inputsAt = async (weight: number) => {
        const { all } = await ftgo({ services: { restaurant: {}, consumer: consumer(weight), gateway: {} } });
        return new Map(all.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
      };
      const weights = [0, 5, 50, 100, 0];
      for (const [index, weight] of weights.slice(1).entries()) {
        const [before, after] = [await inputsAt(weights[index] ?? NaN), await inputsAt(weight)];
        assert.deepEqual([...after.keys()].sort(), [...before.keys()].sort());
        const changed = [...after].filter(([urn, inputs]) => before.get(urn) !== inputs);
        assert.deepEqual(
          changed.map(([urn]) => urn.split("::").at(-1)),
          ["ftgo-consumer-service/route"],
        );
      }
    });
  });
});
