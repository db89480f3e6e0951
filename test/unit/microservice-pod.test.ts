import { strict as assert } from "node:assert";
import type { ServiceInput } from "../../components/config/service";
import type { Recording } from "./aws-mocks";
import { deploymentOf, type Pod, podOf, restricted, shop } from "./shop";

describe("the pod of a Microservice", () => {
  it("has a service's own variable in the place of one of the same name that it is handed", async () => {
    const env = ["A", "B"].map((name) => ({ name, valueFrom: { secretKeyRef: { name: "login", key: name } } }));
    const [container] = (await podOf({ env: { A: "own" } }, { args: { env } })).containers;
    assert.deepEqual(container?.["env"], [{ name: "A", value: "own" }, env[1]]);
  });

  it("reserves no more than the limit that it is given, and may use as much as it reserves", async () => {
    const of = async (resources: ServiceInput["resources"]) =>
      (await podOf({ resources })).containers[0]?.["resources"];
    assert.deepEqual(await of({ limits: { cpu: "100m", memory: "256Mi" } }), {
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { cpu: "100m", memory: "256Mi" },
    });
    assert.deepEqual(await of({ requests: { memory: "1G" } }), {
      requests: { cpu: "250m", memory: "1G" },
      limits: { memory: "1G" },
    });
  });

  describe("its ConfigMaps", () => {
    const config = { env: { GREETING: "hello", LEVEL: 3 }, files: { "/etc/shop/shop.conf": "port 8080\n" } };
    const hashOf = async (given: ServiceInput["config"]) =>
      (deploymentOf(await shop({ config: given })).spec.template.metadata as { annotations: Record<string, string> })
        .annotations["ftgo/config-hash"];

    const mapName = (recording: Recording, name: string) =>
      (recording.get(name).inputs["metadata"] as { name: string }).name;

    it("are the container's environment", async () => {
      const recording = await shop({ config });
      assert.deepEqual(recording.get("shop/env").inputs["data"], { GREETING: "hello", LEVEL: "3" });
      const [container] = deploymentOf(recording).spec.template.spec.containers;
      assert.deepEqual(container?.["envFrom"], [{ configMapRef: { name: mapName(recording, "shop/env") } }]);
    });

    it("are files in the container", async () => {
      const recording = await shop({ config });
      assert.deepEqual(recording.get("shop/files").inputs["data"], { "etc_shop_shop.conf": "port 8080\n" });
      const { volumes, containers } = deploymentOf(recording).spec.template.spec;
      assert.deepEqual(volumes, [
        { name: "tmp", emptyDir: {} },
        { name: "config-files", configMap: { name: mapName(recording, "shop/files") } },
      ]);
      assert.deepEqual(containers[0]?.["volumeMounts"], [
        { name: "tmp", mountPath: "/tmp" },
        { name: "config-files", mountPath: "/etc/shop/shop.conf", subPath: "etc_shop_shop.conf", readOnly: true },
      ]);
    });

    it("are not made when there is nothing to put in", async () => {
      assert.deepEqual((await shop()).ofType("ConfigMap"), []);
    });

    it("have names of their content: pods keep the one that they came with (D2)", async () => {
      const names = async (given: ServiceInput["config"]) => {
        const recording = await shop({ config: given });
        return ["shop/env", "shop/files"].map((role) => mapName(recording, role));
      };
      const [env = "", files = ""] = await names(config);
      assert.match(`${env} ${files}`, /^shop-env-[0-9a-f]{8} shop-files-[0-9a-f]{8}$/);
      assert.deepEqual(
        await names({ ...config, env: { LEVEL: "3", GREETING: "hello" } }),
        [env, files],
        "another order",
      );
      const [other, same] = await names({ ...config, env: { ...config.env, GREETING: "good day" } });
      assert.deepEqual([other === env, same], [false, files]);
    });

    it("roll the pods when their contents change, and only then", async () => {
      const before = await hashOf(config);
      assert.match(String(before), /^[0-9a-f]{16}$/);
      assert.equal(await hashOf({ ...config, env: { LEVEL: "3", GREETING: "hello" } }), before, "another order");
      const changes: ServiceInput["config"][] = [
        { ...config, env: { ...config.env, GREETING: "good day" } },
        { ...config, env: { GREETING: "hello" } },
        { ...config, files: { "/etc/shop/shop.conf": "port 8081\n" } },
        { ...config, files: { "/etc/shop.conf": "port 8080\n" } },
      ];
      const hashes = await Promise.all(changes.map(hashOf));
      assert.equal(new Set([before, ...hashes]).size, changes.length + 1);
    });

    it("are there before the pods that need them", async () => {
      const recording = await shop({ config });
      for (const role of ["account", "env", "files"]) assert.ok(recording.isAfter("shop/deployment", `shop/${role}`));
    });
  });

  // The seed's example of a sidecar: nginx, and git pull beside it for the latest version of its pages.
  describe("with the seed's nginx and git pull", () => {
    const site = { volume: "site", path: "/site" };
    const image = "alpine/git:v2.49.1";
    let pod: Pod;
    before(async () => {
      pod = await podOf({
        image: "nginxinc/nginx-unprivileged:1.29",
        volumes: { site: { emptyDir: { sizeLimit: "100Mi" } } },
        mounts: [{ volume: "site", path: "/usr/share/nginx/html", readOnly: true }],
        initContainers: { clone: { image, args: ["clone", "https://example.com/site.git", "/site"], mounts: [site] } },
        sidecars: {
          pull: {
            image,
            command: ["sh", "-c", "while sleep $PERIOD; do git -C /site pull; done"],
            env: { PERIOD: 60 },
            resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
            mounts: [site],
          },
        },
      });
    });

    it("shares one volume between the three containers", () => {
      const mounts = [...pod.initContainers, ...pod.containers].map(({ name, volumeMounts }) => [name, volumeMounts]);
      const shared = { name: "site", mountPath: "/site", readOnly: false };
      assert.deepEqual(mounts, [
        ["clone", [shared]],
        [
          "shop",
          [
            { name: "tmp", mountPath: "/tmp" },
            { name: "site", mountPath: "/usr/share/nginx/html", readOnly: true },
          ],
        ],
        ["pull", [shared]],
      ]);
      assert.deepEqual(pod["volumes"], [
        { name: "tmp", emptyDir: {} },
        { name: "site", emptyDir: { sizeLimit: "100Mi" } },
      ]);
    });

    it("runs the helpers as they are told, restricted and with requests and limits as the service", () => {
      const [clone, pull] = [pod.initContainers[0], pod.containers[1]];
      assert.deepEqual(clone?.["args"], ["clone", "https://example.com/site.git", "/site"]);
      assert.deepEqual(clone["resources"], {
        requests: { cpu: "250m", memory: "512Mi" },
        limits: { memory: "512Mi" },
      });
      assert.deepEqual(pull?.["command"], ["sh", "-c", "while sleep $PERIOD; do git -C /site pull; done"]);
      assert.deepEqual(pull["env"], [{ name: "PERIOD", value: "60" }]);
      assert.deepEqual(pull["resources"], {
        requests: { cpu: "10m", memory: "16Mi" },
        limits: { memory: "64Mi" },
      });
      for (const helper of [clone, pull]) assert.deepEqual(helper["securityContext"], restricted);
    });
  });

  it("mounts volumes of every kind", async () => {
    const { volumes } = await podOf({
      volumes: {
        scratch: { emptyDir: {} },
        settings: { configMap: { name: "settings" } },
        login: { secret: { name: "login" } },
        pictures: { claim: { name: "pictures" } },
      },
    });
    assert.deepEqual((volumes as object[]).slice(1), [
      { name: "scratch", emptyDir: {} },
      { name: "settings", configMap: { name: "settings" } },
      { name: "login", secret: { secretName: "login" } },
      { name: "pictures", persistentVolumeClaim: { claimName: "pictures" } },
    ]);
  });

  describe("its placement", () => {
    const term = (app: string) => ({ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app } } });
    const preferred = (app: string) => ({ weight: 100, podAffinityTerm: term(app) });
    const required = "requiredDuringSchedulingIgnoredDuringExecution";
    const wished = "preferredDuringSchedulingIgnoredDuringExecution";

    it("is near one service and apart from another, required or preferred", async () => {
      const { affinity } = await podOf({
        placement: {
          near: { cache: "required", search: "preferred" },
          apart: { batch: "required", reports: "preferred" },
        },
      });
      assert.deepEqual(affinity, {
        podAffinity: { [required]: [term("cache")], [wished]: [preferred("search")] },
        podAntiAffinity: { [required]: [term("batch")], [wished]: [preferred("reports")] },
      });
    });

    it("calls services as the cluster does, not by their keys", async () => {
      const { affinity } = await podOf({ placement: { near: { restaurant: "required" } } });
      const { podAffinity } = affinity as { podAffinity: object };
      assert.deepEqual(podAffinity, { [required]: [term("ftgo-restaurant-service")], [wished]: [] });
    });

    const spreads: [given: NonNullable<ServiceInput["placement"]>["spread"], nodes: string, zones: string][] = [
      [undefined, "ScheduleAnyway", "ScheduleAnyway"],
      [{ nodes: "required" }, "DoNotSchedule", "ScheduleAnyway"],
      [{ zones: "required" }, "ScheduleAnyway", "DoNotSchedule"],
    ];
    for (const [spread, nodes, zones] of spreads) {
      it(`spreads pods as ${JSON.stringify(spread) ?? "nobody has told it"}`, async () => {
        const { topologySpreadConstraints } = await podOf({ placement: { spread } });
        const common = {
          maxSkew: 1,
          labelSelector: { matchLabels: { app: "shop" } },
          matchLabelKeys: ["pod-template-hash"],
        };
        assert.deepEqual(topologySpreadConstraints, [
          { ...common, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: nodes },
          { ...common, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: zones },
        ]);
      });
    }
  });

  it("pulls images by the Secrets that are named", async () => {
    const { imagePullSecrets } = await podOf({ imagePullSecrets: ["registry", "mirror"] });
    assert.deepEqual(imagePullSecrets, [{ name: "registry" }, { name: "mirror" }]);
  });

  const policies: [image: string, given: ServiceInput["imagePullPolicy"], policy: string][] = [
    ["example/shop:latest", undefined, "Always"],
    ["example/shop", undefined, "Always"],
    ["registry.example:5000/shop", undefined, "Always"],
    ["example/shop:1", undefined, "IfNotPresent"],
    [`example/shop@sha256:${"0".repeat(64)}`, undefined, "IfNotPresent"],
    ["example/shop:latest", "Never", "Never"],
  ];
  for (const [image, imagePullPolicy, policy] of policies) {
    it(`pulls ${image} by the policy ${policy}${imagePullPolicy ? ", when told so" : ""}`, async () => {
      const { containers } = await podOf({ image, imagePullPolicy });
      assert.deepEqual([containers[0]?.["image"], containers[0]?.["imagePullPolicy"]], [image, policy]);
    });
  }

  it("puts a version's variables over the service's, and the program's behind them", async () => {
    const variable = { name: "TOKEN", valueFrom: { secretKeyRef: { name: "login", key: "token" } } };
    const recording = await shop(
      { env: { A: "1", B: true }, versions: { v1: { image: "example/shop:1", env: { B: "2", C: 3 } } } },
      { args: { env: [variable], podAnnotations: { "example/roll": "1" } } },
    );
    const { spec, metadata } = deploymentOf(recording, "shop/v1").spec.template;
    assert.deepEqual(spec.containers[0]?.["env"], [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
      { name: "C", value: "3" },
      variable,
    ]);
    assert.equal((metadata as { annotations: Record<string, string> }).annotations["example/roll"], "1");
  });

  it("stops gracefully: out of the endpoints, then SIGTERM, then SIGKILL", async () => {
    const { containers, terminationGracePeriodSeconds } = await podOf({ stop: { drainSeconds: 5, graceSeconds: 20 } });
    assert.deepEqual(containers[0]?.["lifecycle"], { preStop: { sleep: { seconds: 5 } } });
    assert.equal(terminationGracePeriodSeconds, 20);
  });
});
