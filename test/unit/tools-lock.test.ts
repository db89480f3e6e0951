import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Holder } from "../../local/lock";
import { withLock } from "../../local/lock";

describe("lock of a machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "ftgo-lock-"));
  const path = join(folder, "lock");
  after(() => rmSync(folder, { recursive: true }));

  it("lets one in at a time, and tells the others who is in, once that is written down", async () => {
    let inside = 0;
    let most = 0;
    const waited: (Holder | undefined)[] = [];
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(path, "testing", (holder) => waited.push(holder), work)));
    assert.equal(most, 1);
    assert.equal(waited.length, 2);
    for (const holder of waited) if (holder) assert.equal(holder.pid, process.pid);
  });

  it("cannot be had without flock, and says what to install", async () => {
    const ambient = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
      const work = () =>
        withLock(
          path,
          "testing",
          () => assert.fail(),
          () => assert.fail(),
        );
      await assert.rejects(work, { name: "LocalError", message: /flock was not found.*util-linux/ });
    } finally {
      process.env["PATH"] = ambient;
    }
  });

  it("is given back after a failure, and hands the result on", async () => {
    const fail = withLock(
      path,
      "failing",
      () => assert.fail(),
      () => Promise.reject(new Error("broken")),
    );
    await assert.rejects(fail, /broken/);
    assert.equal(
      await withLock(
        path,
        "again",
        () => assert.fail(),
        () => Promise.resolve(7),
      ),
      7,
    );
  });

  it("hands the result on though its helper was killed meanwhile", async () => {
    const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
    const before = children();
    const fail = () => assert.fail();
    const result = withLock(path, "working", fail, async () => {
      const helper = children().find((pid) => !before.includes(pid)) ?? assert.fail();
      process.kill(Number(helper), "SIGKILL");
      while (children().includes(helper)) await new Promise(setImmediate); // until this process has heard of it
      return 7;
    });
    const alive = setInterval(() => undefined, 1000); // so that waiting for what never comes fails, instead of ending all tests
    assert.equal(await result.finally(() => clearInterval(alive)), 7);
  });

  it("goes with its owner, even one that is killed", async () => {
    const program = `require("./local/lock").withLock(${JSON.stringify(path)}, "holding on", () => {}, () => {
      console.log("in");
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    })`;
    const owner = spawn(process.execPath, ["-r", "./loader.js", "-e", program], {
      cwd: join(__dirname, "..", ".."),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(owner.stdout, "data");
    let holder: Holder | undefined;
    const mine = withLock(
      path,
      "taking over",
      (found) => {
        holder = found;
        owner.kill("SIGKILL");
      },
      () => Promise.resolve("taken over"),
    );
    assert.equal(await mine, "taken over");
    assert.deepEqual(holder, { pid: owner.pid, doing: "holding on" });
  }).timeout(10_000);
});
