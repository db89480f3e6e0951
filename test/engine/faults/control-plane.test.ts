import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../cluster-lab";
import { Running } from "../running";
import { platform } from "../shared-platform";

const versions = { v1: { image: "ftgo-consumer-service:v1" }, v2: { image: "ftgo-consumer-service:v2" } };
const istiods = ["deployments", "-n", "istio-system", "-l", "app=istiod"] as const;

describe("An istiod of another revision that does not come up", () => {
  it("keeps no route from being changed, nor from being rolled back, and goes when config does not name it (promise 4)", async () => {
    const lab = await platform();
    await lab.bring({
      "services.consumer": { versions, stable: "v1", canary: { version: "v2", weight: 5 } },
    });
    const weights = async () => {
      const { spec } = await lab.get<{ http: { route: { weight: number }[] }[] }>("vs", "ftgo-consumer-service");
      return spec.http.at(-1)?.route.map(({ weight }) => weight);
    };
    lab.set({ "mesh.revision": "next", "mesh.version": "missing" });
    const ftgo = [join(lab.dir, "automation", "bin", "ftgo.js"), "up", "--yes", "--no-refresh"];
    const run = new Running(ftgo, { cwd: lab.dir, env: { ...process.env, ...lab.variables } });
    const isThere = async () => (await lab.list(...istiods)).length === 2;
    await until("it is waited for", async () => run.isOver || (await isThere()));
    process.kill(-(run.child.pid ?? 0), "SIGINT");
    assert.equal(await run.end(), 130, run.said);

    await lab.project.promote("consumer", { weight: 50 });
    assert.deepEqual(await weights(), [50, 50]);
    await lab.project.rollback("consumer");
    assert.deepEqual(await weights(), [100]);

    lab.set({ "mesh.revision": undefined, "mesh.version": undefined });
    await lab.project.up();
    assert.deepEqual(
      (await lab.list(...istiods)).map(({ metadata }) => metadata.name),
      ["istiod"],
    );
  });
});
