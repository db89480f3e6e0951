import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diagnose } from "../../local/diagnose";

describe("`ftgo doctor`", () => {
  let folder: string;
  const variables = ["PATH", "XDG_CACHE_HOME"] as const;
  const ambient = variables.map((name) => process.env[name]);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ftgo-doctor-"));
    process.env["XDG_CACHE_HOME"] = join(folder, "cache");
  });
  afterEach(() => {
    variables.forEach((name, index) => {
      if (ambient[index] === undefined) delete process.env[name];
      else process.env[name] = ambient[index];
    });
    rmSync(folder, { recursive: true });
  });

  it("finds a command that is missing, with the package that has it", async function () {
    if (existsSync("/usr/sbin/git")) {
      console.log(
        "      not looked at: the folders of system tools, which are always looked through, hold everything here",
      );
      return this.skip();
    }
    process.env["PATH"] = folder;
    const findings = await diagnose(folder);
    const remedyOf = (name: string) => findings.find((finding) => finding.name === name && !finding.ok)?.remedy;
    for (const [name, remedy] of [
      ["python3", "apt-get install python3"],
      ["git", "apt-get install git"],
      ["unshare", "apt-get install util-linux"],
    ] as const)
      assert.equal(remedyOf(name), remedy);
    assert.match(remedyOf("Go") ?? "", /package golang-go/);
    assert.match(remedyOf("namespaces") ?? "", /sysctl kernel\.unprivileged_userns_clone=1/);
  });

  it("takes a Go that is too old for none, while a tool has still to be built", async () => {
    writeFileSync(join(folder, "go"), "#!/bin/sh\necho go version go1.2.3 linux/amd64\n", { mode: 0o755 });
    process.env["PATH"] = `${folder}:${process.env["PATH"] ?? ""}`;
    const go = (await diagnose(folder)).find(({ name }) => name === "Go");
    assert.deepEqual([go?.ok, go?.detail.startsWith("1.2.3; needed: 1.")], [false, true], JSON.stringify(go));
  });

  it("says which tools will be obtained", async () => {
    const tools = (await diagnose(folder)).find(({ name }) => name === "tools");
    assert.match(tools?.detail ?? "", /^to be obtained on first use: .*kube-apiserver/);
  });
});
