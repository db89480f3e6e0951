import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { removeHalfWritten } from "../../automation/half-written";

describe("what was half written in a backend of files", () => {
  it("is taken away where it need not be, and nothing else is", () => {
    const backend = mkdtempSync(join(tmpdir(), "ftgo backend "));
    const folder = join(backend, ".pulumi");
    const files = {
      "locks/organization/ftgo/mine/1.json": '{"pid":1}',
      "locks/organization/ftgo/mine/2.json": '{"pi',
      "locks/organization/ftgo/mine/3.json.18.tmp": "",
      "stacks/ftgo/mine.json": '{"never":',
      "stacks/ftgo/mine.json.attrs": "",
      "stacks/ftgo/other.json.attrs": '{"md5":""}',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const url = pathToFileURL(backend).href;
    assert.equal(removeHalfWritten(url), true);
    const left = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.\w+$/.test(name));
    assert.deepEqual(left.sort(), [
      "locks/organization/ftgo/mine/1.json",
      "stacks/ftgo/mine.json",
      "stacks/ftgo/other.json.attrs",
    ]);
    for (const none of [url, undefined, "s3://bucket"]) assert.equal(removeHalfWritten(none), false);
    rmSync(backend, { recursive: true });
  });
});
