import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { run } from "../../local/run";
import { goEnvironment } from "../../local/tools/build";
import { type ToolName, toolNames, tools, versionIn } from "../../local/tools/manifest";
import { findFitting } from "../../local/tools/on-path";

describe("versions of tools", () => {
  it("are read from what the tools print", () => {
    assert.deepEqual(versionIn("etcd Version: 3.6.14\nGit SHA: Not provided"), [3, 6, 14]);
    assert.deepEqual(versionIn("Kubernetes v1.36.3"), [1, 36, 3]);
    assert.deepEqual(versionIn("v3.22"), [3, 22, 0]);
    assert.deepEqual(versionIn("kwok version v0.7.0 go1.26.8 (linux/amd64)"), [0, 7, 0]);
    assert.equal(versionIn("unknown"), undefined);
  });

  const cases: [ToolName, string, boolean][] = [
    ["pulumi", "3.246.0", true],
    ["pulumi", "3.246.1", false],
    ["pulumi", "3.259.0", false],
    ["kubectl", "1.32.4", false],
    ["kubectl", "1.35.0", true],
    ["kubectl", "1.37.1", true],
    ["kube-apiserver", "1.36.9", true],
    ["kube-apiserver", "1.35.0", false],
    ["etcd", "3.4.23", false],
    ["helm", "4.0.0", false],
    ["helm", "3.19.1", true],
    ["istioctl", "1.30.0", false],
  ];
  for (const [name, version, expected] of cases)
    it(`${name} ${version} ${expected ? "fits" : "does not fit"}`, () => {
      assert.equal(tools[name].fits(versionIn(version) ?? [0, 0, 0]), expected);
    });

  it("are the ones that the Go modules pin", () => {
    for (const name of toolNames) {
      const { source, version } = tools[name];
      if (source.kind !== "go") continue;
      const folder = join(__dirname, "..", "..", "local", "tools", "go", source.module);
      const text = readFileSync(join(folder, "go.mod"), "utf8");
      // Prometheus' release 3.16.0 is v0.316.0 as a Go module.
      const pinned = name === "prometheus" ? version.replace(/^3\./, "0.3") : version;
      assert.ok(text.includes(` v${pinned}`), `${name} ${version}`);
      const own = source.package.startsWith(".") && existsSync(join(folder, source.package));
      assert.ok(own || text.includes(source.package), `${source.module}/go.mod has a tool line for ${source.package}`);
      assert.ok(existsSync(join(folder, "go.sum")));
    }
  });

  it("are those of the SDKs that talk to them", () => {
    const { dependencies } = JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    assert.equal(dependencies["@pulumi/pulumi"], tools.pulumi.version);
    assert.deepEqual(known("pulumi-resource-kubernetes"), [dependencies["@pulumi/kubernetes"]]);
  });

  it("have downloads over https with a checksum only", () => {
    for (const name of toolNames)
      for (const { url, sha256 } of Object.values(tools[name].downloads ?? {})) {
        assert.match(url, /^https:/);
        assert.ok(
          [tools[name].version, ...known(name)].some((version) => url.includes(version)),
          url,
        );
        assert.match(sha256, /^[0-9a-f]{64}$/);
      }
  });
});

/** The values that are set at link time. */
function known(name: ToolName): string[] {
  const { source } = tools[name];
  return source.kind === "go" ? Object.values(source.variables) : [];
}

describe("a tool that is built", () => {
  it("is the same whatever the person has told his own Go", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ftgo-go-"));
    const settings = join(folder, "env");
    writeFileSync(settings, "GOFLAGS=-tags=his\nGOOS=windows\nGOARCH=s390x\nCGO_ENABLED=1\nGOWORK=/his\n");
    const names = ["GOFLAGS", "GOOS", "GOARCH", "CGO_ENABLED", "GOWORK"];
    const { stdout } = await run("go", ["env", ...names], { env: { ...goEnvironment(folder), GOENV: settings } });
    rmSync(folder, { recursive: true });
    const arch = process.arch === "x64" ? "amd64" : process.arch;
    assert.deepEqual(stdout.trim().split("\n"), ["-trimpath", "linux", arch, "0", "off"]);
  });
});

describe("a tool on PATH", () => {
  const folders = [mkdtempSync(join(tmpdir(), "ftgo-path-")), mkdtempSync(join(tmpdir(), "ftgo-path-"))];
  const [first = "", second = ""] = folders;
  const path = folders.join(delimiter);
  const install = (folder: string, script: string) => {
    writeFileSync(join(folder, "kubectl"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "kubectl"), 0o755);
  };
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  it("is passed over when its version does not fit", async () => {
    install(first, 'echo "Client Version: v1.32.4"');
    assert.equal(await findFitting("kubectl", path), undefined);
  });

  it("is found behind one that does not fit, or does not work", async () => {
    install(second, 'echo "Client Version: v1.36.1"');
    assert.equal(await findFitting("kubectl", path), join(second, "kubectl"));
    install(first, "exit 3");
    assert.equal(await findFitting("kubectl", path), join(second, "kubectl"));
  });

  it("is asked for its version without a look at what the person has for his own clusters", async () => {
    const { KUBECONFIG: ambient } = process.env;
    Object.assign(process.env, { KUBECONFIG: "/his", KUBECTL_HIS: "1" });
    try {
      install(second, '[ "$KUBECONFIG $KUBERC$KUBECTL_HIS" = "/dev/null off" ] && echo "Client Version: v1.36.1"');
      assert.equal(await findFitting("kubectl", path), join(second, "kubectl"));
    } finally {
      delete process.env["KUBECTL_HIS"];
      delete process.env["KUBECONFIG"];
      if (ambient !== undefined) process.env["KUBECONFIG"] = ambient;
    }
  });

  it("is not what cannot be run", async () => {
    chmodSync(join(second, "kubectl"), 0o644);
    assert.equal(await findFitting("kubectl", path), undefined);
  });
});
