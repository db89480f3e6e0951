import assert from "node:assert/strict";
import { type KubeObject, type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";
import { collections, isReady, type Moment, readyEndpoints, readyPods, Watch } from "../watch";

interface Deployment {
  readonly template: {
    readonly spec: {
      readonly containers: { name: string; image: string }[];
      readonly volumes: { name: string; configMap?: { name: string } }[];
    };
  };
}
interface Service {
  readonly type: string;
  readonly ports: { port: number; targetPort: number; nodePort?: number }[];
}

const restaurant = "ftgo-restaurant-service";
const everything =
  "deployments,replicasets,pods,services,endpointslices,configmaps,serviceaccounts,poddisruptionbudgets," +
  "destinationrules,virtualservices,authorizationpolicies";

describe("A change of config, by plain `pulumi up`", () => {
  let lab: Platform;
  let moments: Moment[];
  const pods = (app: string) => lab.list("pods", "-l", `app=${app}`);
  const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name).sort();
  const untouched = async () =>
    names((await Promise.all(["ftgo-consumer-service", "menu", "ftgo-mysql"].map(pods))).flat());
  const named = async (part: string) =>
    (await lab.kubectl("get", everything, "-o", "name")).split("\n").filter((name) => name.includes(part));
  const gateway = async () => {
    const { stdout } = succeeded(await lab.pulumi("stack", "output", "--json"));
    const { spec, status } = await lab.get<Service>("service", "ftgo-api-gateway");
    return { ...spec, url: (JSON.parse(stdout) as { gateway: { url: string } }).gateway.url, status };
  };

  before(async () => {
    lab = await platform();
    await lab.bring({
      "services.catalog": {
        image: "shop/catalog:1.0",
        replicas: 2,
        config: { env: { GREETING: "hello" }, files: { "/etc/catalog.conf": "size = 1\n" } },
      },
      "services.menu": { image: "shop/menu:1.0", config: { env: { GREETING: "hello" } } },
    });
  });

  describe("of an image, a ConfigMap and the gateway's variant", () => {
    let old: { untouched: string[]; catalog: string[] };
    before(async () => {
      old = { untouched: await untouched(), catalog: names(await pods("catalog")) };
      const watch = await Watch.open(lab, collections.pods, collections.endpointSlices);
      try {
        const tag = ["--path", "services.restaurant.image", "msapatterns/ftgo-restaurant-service:2"];
        succeeded(await lab.pulumi("config", "set", ...tag));
        lab.set({
          "services.catalog.config.files": { "/etc/catalog.conf": "size = 2\n" },
          "services.gateway.expose": { kind: "NodePort", nodePort: 30000 },
          // Which counts when the volume is made.
          "dataStores.mysql.storage": "2Gi",
        });
        await lab.up();
        moments = await watch.close();
      } finally {
        await watch.stop();
      }
    });

    it("rolls the pods to the tag that one key names", async () => {
      const { spec } = await lab.get<Deployment>("deployment", restaurant);
      assert.equal(spec.template.spec.containers[0]?.image, "msapatterns/ftgo-restaurant-service:2");
      for (const { metadata, spec } of await lab.list<Deployment["template"]["spec"]>(
        "pods",
        "-l",
        `app=${restaurant}`,
      ))
        assert.ok(
          spec.containers.some(({ image }) => image === "msapatterns/ftgo-restaurant-service:2"),
          metadata.name,
        );
    });

    it("never has fewer ready pods than replicas meanwhile, nor fewer endpoints", () => {
      for (const app of [restaurant, "catalog"]) {
        const ready = moments.map((moment) => readyPods(moment, { app }).length);
        assert.ok(Math.min(...ready) >= 2, `${app}: ready pods ${ready.join()}`);
        assert.ok(Math.max(...ready) === 3, `${app}: a new pod before an old one goes: ${ready.join()}`);
        const endpoints = moments.map((moment) => readyEndpoints(moment, app));
        assert.ok(Math.min(...endpoints) >= 2, `${app}: endpoints ${endpoints.join()}`);
      }
    });

    it("rolls the pods of a changed ConfigMap", async () => {
      const now = await pods("catalog");
      assert.equal(now.length, 2);
      assert.ok(now.every((pod) => isReady(pod) && !old.catalog.includes(pod.metadata.name)));
    });

    it("keeps the ConfigMap before: `kubectl rollout undo` brings its content back (D2)", async () => {
      const content = async () => {
        const { template } = (await lab.get<Deployment>("deployment", "catalog")).spec;
        const { configMap } = template.spec.volumes.find(({ name }) => name === "config-files") ?? assert.fail();
        return JSON.parse(
          await lab.kubectl("get", "configmap", configMap?.name ?? "", "-o", "jsonpath={.data}"),
        ) as unknown;
      };
      assert.deepEqual(await content(), { "etc_catalog.conf": "size = 2\n" });
      await lab.kubectl("rollout", "undo", "deployment", "catalog");
      assert.deepEqual(await content(), { "etc_catalog.conf": "size = 1\n" });
      await lab.kubectl("rollout", "status", "deployment", "catalog", "--timeout=2m");
      const { stdout } = succeeded(await lab.ftgo("config", "adopt", "catalog", "--json"));
      assert.match(stdout, /size = 1/);
    });

    it("leaves the pods of everything else alone", async () => {
      assert.deepEqual(await untouched(), old.untouched);
    });

    it("opens port 30000 of every node for the gateway, in the place of the load balancer", async () => {
      const { type, ports, url, status } = await gateway();
      assert.equal(type, "NodePort");
      assert.deepEqual(
        ports.map(({ port, targetPort, nodePort }) => [port, targetPort, nodePort]),
        [[80, 8080, 30000]],
      );
      assert.deepEqual(status["loadBalancer"], {});
      assert.match(url, /:30000$/);
    });
  });

  describe("back to a load balancer, an internal one, with a service of the user's own renamed and one removed", () => {
    const uids = () =>
      Promise.all(
        ["service", "virtualservice", "deployment"].map(
          async (kind) => (await lab.get(kind, "ftgo-api-gateway")).metadata.uid,
        ),
      );
    let old: string[];

    before(async () => {
      old = await uids();
      assert.equal((await named("menu")).length, 11, (await named("menu")).join());
      lab.set({
        "services.gateway.expose": { kind: "LoadBalancer", internal: true },
        "services.menu.name": "carte",
        "services.catalog": undefined,
      });
      await lab.up();
    });

    it("gives the gateway an address again", async () => {
      const { type, url } = await gateway();
      assert.equal(type, "LoadBalancer");
      assert.match(url, /^http:\/\/10\.97\.0\.\d+$/);
    });

    it("makes the Service anew, and nothing else of it: of one that is there the cloud would not change the load balancer", async () => {
      const [service, ...others] = await uids();
      assert.notEqual(service, old[0]);
      assert.deepEqual(others, old.slice(1));
    });

    it("replaces every object of the renamed service, and leaves none of the old ones", async () => {
      assert.deepEqual(await named("menu"), []);
      assert.equal((await named("carte")).length, 11, (await named("carte")).join());
      const [pod] = await pods("carte");
      assert.ok(pod && isReady(pod));
    });

    it("leaves nothing of the removed service", async () => {
      assert.deepEqual(await named("catalog"), []);
    });

    it("has touched no cluster but its own", () => assert.equal(lab.strays, 0));
  });
});
