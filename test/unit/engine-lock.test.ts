import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  commandVariable,
  describeLock,
  endOrphan,
  isDead,
  isOrphan,
  parseLocks,
  removeLock,
} from "../../automation/lock";

const stderr = `error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///x/.pulumi/locks/organization/ftgo/local/1.json: created by ann@here (pid 4711) at 2026-11-24T01:27:33Z
  s3://bucket/.pulumi/locks/organization/ftgo/local/2.json: created by bob@else.where (pid 12) at 2026-11-24T01:20:00+01:00`;
const url = "file:///x/.pulumi/locks/organization/ftgo/local/1.json";
const ann = { url, user: "ann", host: "here", pid: 4711, since: "2026-11-24T01:27:33Z" };
const nobodyRuns = () => false;
const everybodyRuns = () => true;

describe("The lock of a killed update (promise 4)", () => {
  it("is read from what the engine says, whatever the backend", () => {
    assert.deepEqual(parseLocks(stderr), [
      ann,
      {
        url: "s3://bucket/.pulumi/locks/organization/ftgo/local/2.json",
        user: "bob",
        host: "else.where",
        pid: 12,
        since: "2026-11-24T01:20:00+01:00",
      },
    ]);
    assert.deepEqual(parseLocks("error: update failed"), []);
  });

  it("is dead when it is of this machine and its process is gone", () => {
    assert.equal(isDead(ann, "here", nobodyRuns), true);
  });

  it("is left alone when its process runs", () => {
    assert.equal(isDead(ann, "here", everybodyRuns), false);
  });

  it("is left alone when it is of another machine, where nobody can look", () => {
    assert.equal(isDead(ann, "there", nobodyRuns), false);
  });

  it("is dead when another program has the number now, which began later", () => {
    assert.equal(isDead({ ...ann, host: hostname(), pid: process.pid, since: "2001-01-01T00:00:00Z" }), true);
  });

  it("is left alone when its process began before it, whatever it is called", () => {
    assert.equal(isDead({ ...ann, host: hostname(), pid: process.pid, since: new Date().toISOString() }), false);
  });

  describe("when the clock was set meanwhile, by an hour", () => {
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    let folder: string;
    let pulumi: ChildProcess;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "ftgo locks "));
      const program = join(folder, "pulumi");
      copyFileSync("/bin/sleep", program);
      pulumi = spawn(program, ["60"], { stdio: "ignore" });
      await once(pulumi, "spawn");
    });
    after(() => {
      pulumi.kill();
      rmSync(folder, { recursive: true });
    });
    const of = (pid: number | undefined, since: string) => ({ ...ann, host: hostname(), pid: pid ?? 0, since });

    it("back, is left alone while its process runs", () => assert.equal(isDead(of(pulumi.pid, at(1))), false));
    // By the new clock the process began an hour after the lock was taken.
    it("on, is left alone while its process runs", () => assert.equal(isDead(of(pulumi.pid, at(-1))), false));
    it("either way, is dead when its process is gone", async () => {
      pulumi.kill("SIGKILL");
      await once(pulumi, "exit");
      for (const hours of [-1, 1]) assert.equal(isDead(of(pulumi.pid, at(hours))), true);
    });
    it("is another machine's to look after, whatever its clock says", () => {
      for (const hours of [-1, 1]) {
        const other = { ...of(pulumi.pid, at(hours)), host: `not-${hostname()}` };
        assert.equal(isDead(other), false);
        assert.match(describeLock("prod", other), /another machine/);
      }
    });
  });

  it("is no lock of a killed update while its engine goes on without it: that is ended first", async () => {
    const script = `
      const env = { ${commandVariable}: process.pid };
      console.log(require("node:child_process").spawn("sleep", ["60"], { env, detached: true }).pid);`;
    const command = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [pid] = (await once(command.stdout, "data")) as [Buffer];
    const holder = { ...ann, host: hostname(), pid: Number(pid), since: new Date().toISOString() };
    assert.equal(isOrphan(holder), false, "its command lives");
    command.kill("SIGKILL");
    await once(command, "exit");
    assert.equal(isOrphan({ ...holder, host: `not-${hostname()}` }), false, "another machine's");
    assert.equal(isOrphan(holder), true);
    assert.equal(isOrphan({ ...holder, pid: process.ppid }), false, "no engine of ours");
    assert.equal(isDead(holder), false);
    assert.equal(await endOrphan(holder), true);
    assert.equal(isOrphan(holder), false);
  });

  it("is taken away alone", () => {
    const folder = mkdtempSync(join(tmpdir(), "ftgo locks "));
    const [dead, living] = ["1.json", "2.json"].map((name) => join(folder, name));
    assert.ok(dead && living);
    for (const path of [dead, living]) writeFileSync(path, "");
    assert.equal(removeLock({ ...ann, url: pathToFileURL(dead).href }), true);
    assert.deepEqual(readdirSync(folder), ["2.json"]);
    assert.equal(removeLock({ ...ann, url: "s3://bucket/1.json" }), false);
    rmSync(folder, { recursive: true });
  });

  it("of another machine is a person's decision, and the message says how", () => {
    const message = describeLock("prod", ann);
    assert.match(message, /another machine \(ann on here, process 4711/);
    assert.match(message, /Only if it does not: `pulumi cancel --stack prod`/);
  });
});
