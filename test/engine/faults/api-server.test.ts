import assert from "node:assert/strict";
import { status } from "../../../local";
import { type Platform, succeeded } from "../platform-lab";
import { items, Services } from "../services-lab";
import { platform } from "../shared-platform";

describe("An API server that is killed", () => {
  let lab: Platform;
  let row: Services;

  const identities = async () => (await row.row()).map(({ metadata }) => metadata.uid);
  const failed =
    /error: 1 resource failed; what succeeded is kept\n {2}item-c\n( {4}.+\n)*? {4}.*"https:\/\/127\.0\.0\.1:\d+\/.*": .+\n( {4}.+\n)*When the cluster answers again, the same command goes on from there\.\n$/;

  before(async () => {
    lab = await platform();
    row = await Services.open(lab, "no-server", "row");
    row.setRow("s:1");
    await row.project.up({ refresh: false });
  });

  it("in the middle of an update and before the next one is named each time; once it is back, the same command goes on (promise 4)", async () => {
    const before = await identities();
    row.setRow("s:2");
    const { processes } = await status(lab.dir);
    const pid = processes.find(({ name }) => name === "kube-apiserver")?.pid ?? assert.fail();
    const run = row.ftgoUp();
    await run.says("updated ConfigMap item-b");
    process.kill(pid, "SIGKILL");
    for (const next of [() => run, () => row.ftgoUp()]) {
      const cutOff = next();
      assert.equal(await cutOff.end(), 1);
      assert.match(cutOff.said, failed);
    }
    succeeded(await lab.ftgo("local", "start", "--no-traffic"));
    const again = row.ftgoUp();
    assert.equal(await again.end(), 0, again.said);
    assert.match(again.said, /\n3 updated /, "what succeeded before was kept");
    assert.deepEqual(
      (await row.row()).map(({ data }) => data.image),
      items.map(() => "s:2"),
    );
    assert.deepEqual(await identities(), before, "nothing was made anew");
    await row.pulumi(["up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes"]);
  });
});
