import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { items, Services } from "../services-lab";
import { platform } from "../shared-platform";

/*
 * A small disk in a mount namespace of its own. First it is full, then it has place for the lock and not for the state, then
 * for everything.
 */
const script = `
  mount -t tmpfs -o size=1m disk "$DISK" || exit 1
  "$@"; echo "ended: $?"
  sed -i s/s:1/s:2/g "$STACK_FILE"
  head -c 2M /dev/zero > "$DISK/filler" 2>/dev/null
  "$@"; echo "ended: $?"
  truncate -s -12K "$DISK/filler"
  "$@"; echo "ended: $?"
  rm "$DISK/filler"
  "$@"; echo "ended: $?"`;

describe("A full disk", () => {
  let row: Services;

  before(async () => {
    row = await Services.open(await platform(), "full-disk", "row");
    row.setRow("s:1");
  });

  it("is named, and with some space again the same command goes on: nothing is lost (promise 4)", async () => {
    const disk = join(row.dir, "disk");
    mkdirSync(disk);
    const variables = {
      PULUMI_BACKEND_URL: `file://${disk}`,
      DISK: disk,
      STACK_FILE: join(row.dir, "stacks", `Pulumi.${row.name}.yaml`),
    };
    const command = [process.execPath, ...row.ftgo("up", "--yes", "--no-refresh")];
    const inside = ["--user", "--map-root-user", "--mount", "bash", "-c", `exec 2>&1${script}`, "bash", ...command];
    const env = { ...row.variables, ...variables };
    const { stdout } = await execa("unshare", inside, { stderr: "inherit", reject: false, env });
    const parts = stdout.split(/^ended: (\d+)\n?/m);
    const [made = "", full = "", almost = "", again = ""] = parts.filter((_, index) => index % 2 === 0);
    assert.deepEqual(
      parts.filter((_, index) => index % 2 === 1),
      ["0", "1", "1", "0"],
      stdout,
    );
    assert.match(made, /6 created/);
    for (const said of [full, almost]) {
      assert.match(said, new RegExp(`write ${disk}/.*: no space left on device`));
      assert.match(said, /That disk is full: free some space/);
    }
    assert.doesNotMatch(again, /created|replaced/, "it knows what it has made");
    assert.deepEqual(
      (await row.row()).map(({ data }) => data.image),
      items.map(() => "s:2"),
    );
  });
});
