import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const checkout = join(__dirname, "..", "..");
const program = `
  const { processTerminal } = require("./automation/terminal/terminal.ts");
  const told = ({ name, message }) => console.log("told: " + name + ": " + message);
  processTerminal().confirm("Sure?").then((answer) => console.log("told: " + answer), told);`;

/** What comes of a person's keys at a question, in a terminal of its own. */
async function answer(keys: string): Promise<string | undefined> {
  const command = `${process.execPath} -r ./loader.js -e '${program}'`;
  const child = spawn("script", ["--quiet", "--command", command, "/dev/null"], { cwd: checkout });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (!said.includes("[y/N]") && (said + text).includes("[y/N]")) child.stdin.write(keys);
    said += text;
  });
  await once(child, "exit");
  return /told: (.*?)\r?$/m.exec(said)?.[1];
}

/** Writes for a while, then does its last deed. */
const atWork = `
  const { out, err } = require("./automation/terminal/terminal.ts").processTerminal();
  let times = 0;
  const timer = setInterval(() => {
    out("result\\n");
    err("progress\\n");
    if (++times < 10) return;
    clearInterval(timer);
    require("node:fs").writeFileSync(process.argv[1], "done");
    process.exitCode = 7;
  }, 5);`;

describe("A command", () => {
  it("does what it does though nobody reads on, and ends with its own exit code (promise 4)", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ftgo-test-"));
    try {
      const child = spawn(process.execPath, ["-r", "./loader.js", "-e", atWork, join(folder, "deed")], {
        cwd: checkout,
      });
      child.stdout.destroy();
      child.stderr.destroy();
      assert.deepEqual(await once(child, "exit"), [7, null]);
      assert.equal(readFileSync(join(folder, "deed"), "utf8"), "done");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("A question at the terminal", () => {
  it("is answered by yes or no", async () => {
    assert.deepEqual([await answer("y\r"), await answer("\r")], ["true", "false"]);
  });

  it("is left by Ctrl-C and Ctrl-D, which change nothing", async () => {
    const stopped = "InterruptedError: stopped; nothing was changed";
    assert.deepEqual([await answer("\x03"), await answer("\x04")], [stopped, stopped]);
  });
});
