import assert from "node:assert/strict";
import type { Change, StackStatus } from "../../../automation";
import { type Outcome, type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";
import { collections, type Moment, readyPods, Watch } from "../watch";

interface Deployment {
  readonly template: { readonly spec: { readonly containers: { image: string }[] } };
}

const restaurant = "ftgo-restaurant-service";
const good = "msapatterns/ftgo-restaurant-service:1";
/** Short, so that a rollout that cannot succeed ends soon. */
const rollout = { deadlineSeconds: 4 };
/** By themselves they would go to three nodes. */
const three = { image: "shop/pod:1.0", replicas: 3 };

describe("Pods", () => {
  let lab: Platform;

  before(async () => {
    lab = await platform();
    await lab.bring({
      "services.restaurant.image": good,
      "services.catalog": { image: "shop/catalog:1.0", replicas: 2 },
      "services.menu": { image: "shop/menu:1.0" },
      "services.near": { ...three, placement: { near: { menu: "required" } } },
      // Two, so that a node is left: menu's pod may come later, and keeps away from these as they from it.
      "services.apart": { ...three, replicas: 2, placement: { apart: { menu: "required" } } },
      "services.spread": {
        ...three,
        placement: { near: { menu: "preferred" }, spread: { nodes: "required", zones: "required" } },
      },
    });
  });

  describe("placed by the real scheduler", () => {
    const nodesOf = async (app: string) => {
      const pods = await lab.list<{ nodeName: string }>("pods", "-l", `app=${app}`);
      return pods.map(({ spec }) => spec.nodeName).sort();
    };

    it("are near another service's, on its one node", async () => {
      const [node] = await nodesOf("menu");
      assert.deepEqual(await nodesOf("near"), [node, node, node]);
    });

    it("are apart from another service's, on the other nodes", async () => {
      const [node] = await nodesOf("menu");
      const nodes = await nodesOf("apart");
      assert.equal(nodes.length, 2);
      assert.ok(!nodes.includes(node ?? ""), nodes.join());
    });

    it("are spread over nodes and zones, though they would rather be near another service's", async () => {
      assert.deepEqual(await nodesOf("spread"), ["node-a", "node-b", "node-c"]);
      const zone = "{.items[*].metadata.labels.topology\\.kubernetes\\.io/zone}";
      const zones = await lab.kubectl("get", "nodes", "-o", `jsonpath=${zone}`);
      assert.equal(new Set(zones.split(" ")).size, 3, "each node is a zone");
    });
  });

  describe("of a rollout that cannot succeed", () => {
    let failed: Outcome;
    let moments: Moment[];
    const image = async (name: string) =>
      (await lab.get<Deployment>("deployment", name)).spec.template.spec.containers[0]?.image;
    const differences = ({ services }: StackStatus) =>
      Object.fromEntries(services.map(({ key, differences }) => [key, differences]));

    before(async () => {
      const watch = await Watch.open(lab, collections.pods);
      try {
        lab.set({
          "services.restaurant.image": "msapatterns/ftgo-restaurant-service:missing-1",
          "services.restaurant.rollout": rollout,
          "services.catalog.image": "shop/catalog:missing-1",
          "services.catalog.rollout": rollout,
          "services.menu.image": "shop/menu:missing-1",
          "services.menu.rollout": rollout,
          "services.huge": { image: "shop/huge:1.0", resources: { requests: { cpu: "64" } }, rollout },
        });
        failed = await lab.ftgo("up");
        moments = await watch.close();
      } finally {
        await watch.stop();
      }
    });

    it("end `up` in an error that names pod and reason of each", () => {
      assert.equal(failed.exitCode, 1);
      assert.match(failed.stderr, /4 resources failed/, "none of them passes as rolled out");
      for (const name of [restaurant, "catalog", "menu"])
        assert.match(failed.stderr, new RegExp(`pod ${name}-\\S+ container ${name}: ImagePullBackOff: .*missing-1`));
      assert.doesNotMatch(failed.stderr, /^\s+at /m, "no stack trace");
    });

    it("end it in one that says how to go back, where there is something to go back to", () => {
      const back = ["restaurant", "catalog", "menu"].map((key) => `\`ftgo rollback ${key}\``);
      const [, told = ""] = /run `ftgo up` again, or go back: (.*)/.exec(failed.stderr) ?? [];
      assert.deepEqual(told.split(", ").sort(), back.sort());
    });

    it("are told of while they are waited for", () => {
      const [told = ""] = failed.stderr.split("failed:");
      assert.match(told, /waiting: pod catalog-\S+ container catalog: ImagePullBackOff: .*missing-1/);
      assert.match(told, /waiting: pod huge-\S+: Unschedulable/);
    });

    it("end it in one that names the resource that no node has enough of", () => {
      assert.match(failed.stderr, /pod huge-\S+: Unschedulable: 0\/3 nodes are available: .*Insufficient cpu/);
    });

    it("leave all old pods ready, at every moment", () => {
      for (const [app, replicas] of Object.entries({ [restaurant]: 2, catalog: 2, menu: 1 })) {
        const ready = moments.map((moment) => readyPods(moment, { app }).length);
        assert.ok(Math.min(...ready) >= replicas, `${app}: ready pods ${ready.join()}`);
      }
    });

    it("are taken back by `ftgo rollback`, while other services are still broken", async () => {
      succeeded(await lab.ftgo("rollback", "catalog"));
      assert.equal(await image("catalog"), "shop/catalog:1.0");
      assert.match(lab.config, /image: shop\/catalog:1\.0/);
      assert.equal(await image("menu"), "shop/menu:missing-1");
      await lab.kubectl("rollout", "status", "deployment/catalog", "--watch=false");
    });

    it("are taken back by `kubectl rollout undo`: `ftgo status` then shows that live and config differ", async () => {
      await lab.kubectl("rollout", "undo", "deployment", restaurant);
      await lab.kubectl("rollout", "status", "deployment", restaurant, "--timeout=2m");
      assert.equal(await image(restaurant), good);
      const { stdout } = succeeded(await lab.ftgo("status", "--json"));
      const { restaurant: found, catalog } = differences(JSON.parse(stdout) as StackStatus);
      const said = "msapatterns/ftgo-restaurant-service:missing-1";
      assert.deepEqual(found, [`${restaurant} runs ${good}, the stack file says ${said}`]);
      assert.deepEqual(catalog, []);
    });

    it("are taken out of config by `ftgo config adopt`", async () => {
      succeeded(await lab.ftgo("config", "adopt", "restaurant"));
      assert.match(lab.config, new RegExp(`image: "?${good}"?$`, "m"));
      assert.deepEqual(differences(await lab.project.status())["restaurant"], []);
    });

    it("are replaced by a good image and a second `up`, which finds nothing else to do", async () => {
      const mended = { "services.menu.image": "shop/menu:1.1", "services.menu.rollout": undefined };
      lab.set({ ...mended, "services.menu.env": { MODE: "good" }, "services.huge": undefined });
      const { changes } = await lab.project.up();
      assert.equal(await image("menu"), "shop/menu:1.1");
      assert.equal(await image(restaurant), good);
      const isExpected = ({ name, operation, properties }: Change) =>
        (name.startsWith("menu/") && operation === "update") ||
        (name.startsWith("huge/") && operation === "delete") ||
        // What `rollout undo` has set becomes Pulumi's again.
        (name === `${restaurant}/deployment` && properties.join() === 'metadata.annotations["pulumi.com/patchForce"]');
      assert.deepEqual(
        changes.filter((change) => !isExpected(change)),
        [],
      );
      assert.deepEqual(Object.values(differences(await lab.project.status())).flat(), []);
    });

    it("are seen and taken out of config when a variable was bad, and not the image", async () => {
      await lab.project.change("menu", [{ path: ["services", "menu", "env", "MODE"], value: "bad" }]);
      await lab.kubectl("rollout", "undo", "deployment", "menu");
      await lab.kubectl("rollout", "status", "deployment", "menu", "--timeout=2m");
      assert.match(
        differences(await lab.project.status())["menu"]?.join() ?? "",
        /another config than the stack file's/,
      );
      succeeded(await lab.ftgo("config", "adopt", "menu"));
      assert.match(lab.config, /MODE: good/);
      assert.deepEqual(differences(await lab.project.status())["menu"], []);
    });

    it("lead to no cluster but the stack's own", () => assert.equal(lab.strays, 0));
  });
});
