import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describeLock, isDead, parseLocks, removeLock } from "../../automation/lock";

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
