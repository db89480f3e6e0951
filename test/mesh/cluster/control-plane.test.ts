import assert from "node:assert/strict";
import { logs, status } from "../../../local";
import { until } from "../../engine/cluster-lab";
import { type KubeObject, type Platform, succeeded } from "../../engine/platform-lab";
import { platform } from "../../engine/shared-platform";
import { during, lost, rate } from "../load";
import { apps, deployWithoutMesh } from "../without-mesh";

// The first of its run: its cluster is still empty.
describe("While the mesh comes and changes, requests are answered (promise 1)", () => {
  let lab: Platform;

  before(async () => {
    lab = await platform(true);
  });

  /** Those requests, sent while work is done, that were lost. */
  async function losing(work: () => Promise<unknown>): Promise<string[]> {
    const url = (await status(lab.dir)).gateway ?? assert.fail("no way in");
    const requests = ["GET /consumers/1", "POST /consumers/1", "GET /restaurants/1"];
    await until("requests are answered", () =>
      fetch(`${url}/consumers/1`, { signal: AbortSignal.timeout(1000) }).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    const sent = await during([{ url, requests, rate, keepAlive: false }], work);
    assert.ok(sent.length > 10 * rate, `${sent.length} requests`);
    const some = lost(sent);
    // Which side has ended a connection, and why, says the way in alone.
    if (some.length > 0) console.log(logs(lab.dir, "supervisor"));
    return some;
  }

  /** Every pod of a service has a sidecar, which gets everything from an istiod of that name. */
  async function assertSidecars(istiod: string, revision = "default"): Promise<void> {
    const { stdout } = succeeded(await lab.istioctl("proxy-status", "--revision", revision));
    const lines = stdout.split("\n");
    for (const { metadata } of (await Promise.all(apps.map((app) => lab.pods(app)))).flat()) {
      const line = lines.find((each) => each.startsWith(`${metadata.name}.`));
      assert.match(line ?? "no sidecar", new RegExp(` ${istiod}-[0-9a-f]+-\\w+ `), metadata.name);
    }
    const { items } = JSON.parse(
      await lab.kubectl("get", "deployments", "-n", "istio-system", "-l", "app=istiod", "-o", "json"),
    ) as { items: KubeObject[] };
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      [istiod],
    );
  }

  it("the first time, over services that kubectl has deployed without it", async () => {
    await deployWithoutMesh(lab, "ftgo");
    await lab.kubectl("annotate", "namespace", "ftgo", "ftgo/stack=local");
    const some = await losing(async () => {
      await lab.bring({
        "services.consumer.image": "ftgo-consumer-service:v1",
        "services.consumer.versions": undefined,
        "services.consumer.stable": undefined,
        "mesh.mtls": "PERMISSIVE",
      });
      lab.set({ "mesh.mtls": "STRICT" });
      await lab.project.up({ refresh: false });
    });
    // What pods without a mesh lose when they end is not the mesh's: on a busy machine a request or two.
    assert.ok(some.length <= 5, some.join("\n"));
    await assertSidecars("istiod");
  });

  // Both are of one build, whatever their images are called: shown is the way from one to the other.
  it("from an istiod to one of another revision, and back", async () => {
    await lab.ensureUp();
    // All pods go at once: the news of it takes its time on a busy machine. The default, in the place of stack local's 2 s.
    for (const service of ["restaurant", "consumer", "gateway"]) lab.set({ [`services.${service}.stop`]: undefined });
    await lab.project.up({ refresh: false });
    const some = await losing(async () => {
      lab.set({ "mesh.revision": "next", "mesh.version": "1.31.1" });
      await lab.project.up({ refresh: false });
      await assertSidecars("istiod-next", "next");
      lab.set({ "mesh.revision": undefined, "mesh.version": undefined });
      await lab.project.up({ refresh: false });
      await assertSidecars("istiod");
    });
    assert.deepEqual(some, []);
  });
});
