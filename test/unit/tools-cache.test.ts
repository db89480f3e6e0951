import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chartsFolder, obtained, rememberOnPath, versionFolder, workFolder } from "../../local/tools/cache";
import { ensureTools } from "../../local/tools/obtain";
import { table } from "../../local/tools/table";

describe("cache of tools", () => {
  const home = mkdtempSync(join(tmpdir(), "ftgo-cache-"));
  const before = { XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"], PATH: process.env["PATH"] };
  beforeEach(() => {
    process.env["XDG_CACHE_HOME"] = mkdtempSync(join(home, "cache-"));
  });
  afterEach(() => {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });
  after(() => rmSync(home, { recursive: true }));

  const program = (path: string, script = "exit 0") => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it("is kept by tool and version under XDG_CACHE_HOME", () => {
    assert.equal(versionFolder("helm"), join(process.env["XDG_CACHE_HOME"] ?? "", "ftgo", "tools", "helm", "3.22.0"));
    assert.equal(obtained("helm"), undefined);
    const path = program(join(versionFolder("helm"), "helm"));
    assert.equal(obtained("helm"), path);
  });

  it("remembers a tool on PATH until that changes", () => {
    const path = program(join(home, "bin", "helm"));
    rememberOnPath("helm", path);
    assert.equal(obtained("helm"), path);
    program(path, "echo another one");
    assert.equal(obtained("helm"), undefined);
    rememberOnPath("helm", path);
    rmSync(path);
    assert.equal(obtained("helm"), undefined);
  });

  it("answers at once, without a word, when all is there", async () => {
    const path = program(join(versionFolder("pilot-discovery"), "pilot-discovery"));
    mkdirSync(chartsFolder(), { recursive: true });
    const told: string[] = [];
    assert.deepEqual(await ensureTools(["pilot-discovery"], (line) => told.push(line)), { "pilot-discovery": path });
    assert.deepEqual(told, []);
  });

  it("takes what fits on PATH, and shows what took how long", async () => {
    const path = program(join(home, "path", "kwok"), 'echo "kwok version v0.7.3"');
    process.env["PATH"] = `${dirname(path)}:${before.PATH ?? ""}`;
    const told: string[] = [];
    assert.deepEqual(await ensureTools(["kwok"], (line) => told.push(line)), { kwok: path });
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^tool +version +how +time\nkwok +0\.7\.0 +on PATH +0\.\d s\nall +0\.\d s$/);
  });

  it("says why a build failed, with the end of its output, and keeps nothing of it", async () => {
    // A `go` that fails, and nothing else that could help.
    program(join(home, "broken", "go"), "echo 'x: cannot compile' >&2; exit 1");
    process.env["PATH"] = `${join(home, "broken")}:/usr/bin:/bin`;
    const failing = ensureTools(["kwok"], () => undefined);
    await assert.rejects(failing, /`go build` of sigs\.k8s\.io\/kwok\/cmd\/kwok failed:\nx: cannot compile\n/);
    assert.equal(obtained("kwok"), undefined);
  });

  it("builds from the pinned module, read-only and with its version, and puts only a whole result in place", async () => {
    const log = join(home, "go.log");
    program(
      join(home, "fake", "go"),
      `echo "$PWD $GOTOOLCHAIN $GOFLAGS $*" >> ${log}
       while [ "$1" != -o ]; do shift; done
       echo '#!built' > "$2"`,
    );
    process.env["PATH"] = `${join(home, "fake")}:/usr/bin:/bin`;
    mkdirSync(workFolder(), { recursive: true });
    writeFileSync(join(workFolder(), "left-over"), "of a killed build");
    const { "kube-scheduler": path } = await ensureTools(["kube-scheduler"], () => undefined);
    assert.equal(readFileSync(path, "utf8"), "#!built\n");
    const line = readFileSync(log, "utf8");
    assert.match(
      line,
      /local\/tools\/go\/kubernetes local -trimpath build -mod=readonly -buildvcs=false -gcflags=all=-dwarf=false -ldflags -s -w /,
    );
    assert.match(line, /-X k8s\.io\/component-base\/version\.gitVersion=v1\.36\.3 /);
    assert.ok(!existsSync(workFolder()));
  });

  it("builds two at once, but those of one module one after the other", async () => {
    const marks = mkdtempSync(join(home, "marks-"));
    // Each waits, bounded, until one of another module has begun, and fails where one of its own is at work.
    program(
      join(home, "both", "go"),
      `cd ${marks}; module=$(basename "$OLDPWD"); mkdir "$module" || exit 1; touch "began-$module"
       n=0; until [ "$(ls -d began-* | wc -l)" = 2 ]; do n=$((n+1)); [ $n -lt 200 ] || exit 1; sleep 0.05; done
       while [ "$1" != -o ]; do shift; done; echo '#!built' > "$2"; rmdir "$module"`,
    );
    process.env["PATH"] = `${join(home, "both")}:/usr/bin:/bin`;
    const told: string[] = [];
    await ensureTools(["kube-apiserver", "kube-scheduler", "kwok"], (line) => told.push(line));
    assert.match(told.at(-1) ?? "", /^tool.*\n(kube-\w+|kwok) .*\n.*\n.*\nall /);
  });

  it("stops the other build when one fails, before it says so", async () => {
    const pid = join(home, "pid-of-the-other");
    program(
      join(home, "one-fails", "go"),
      `if [ "$(basename "$PWD")" = kubernetes ]; then echo $$ > ${pid}.half; mv ${pid}.half ${pid}; exec sleep 60; fi
       until [ -e ${pid} ]; do sleep 0.05; done; echo broken >&2; exit 1`,
    );
    process.env["PATH"] = `${join(home, "one-fails")}:/usr/bin:/bin`;
    await assert.rejects(
      ensureTools(["kube-scheduler", "kwok"], () => undefined),
      /kwok failed:\nbroken\n/,
    );
    assert.throws(() => process.kill(Number(readFileSync(pid, "utf8")), 0), /ESRCH/);
  });

  it("makes again what is not whole, and says which: a disk was full, or the power went (promise 4)", async () => {
    const place = join(versionFolder("kube-scheduler"), "kube-scheduler");
    const whole = readFileSync("/bin/true");
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, whole);
    assert.equal(obtained("kube-scheduler"), place);
    program(join(home, "whole", "go"), `while [ "$1" != -o ]; do shift; done; echo '#!built' > "$2"`);
    process.env["PATH"] = `${join(home, "whole")}:/usr/bin:/bin`;
    for (const size of [0, 1, 63, 4096, whole.length / 2, whole.length - 8]) {
      writeFileSync(place, whole.subarray(0, size));
      const told: string[] = [];
      assert.equal(obtained("kube-scheduler"), undefined, `${size} bytes of ${whole.length}`);
      await ensureTools(["kube-scheduler"], (line) => told.push(line));
      assert.equal(readFileSync(place, "utf8"), "#!built\n");
      assert.match(told[0] ?? "", /^The kube-scheduler 1\.36\.3 of this machine is not whole: it is obtained again\.$/);
    }
  });

  it("finishes what a killed build has begun, and no build goes on without its command (promise 4)", async () => {
    const life = join(home, "life");
    execFileSync("mkfifo", [life]);
    // Half a program, a sign of life that lasts as long as the process, and no end.
    program(
      join(home, "slow", "go"),
      `exec 3> ${life}; while [ "$1" != -o ]; do shift; done; echo half > "$2"; echo begun >&3; exec sleep 60`,
    );
    const path = (folder: string) => `${join(home, folder)}:/usr/bin:/bin`;
    const script = 'require("./local").ensureTools(["kube-scheduler"], () => undefined)';
    const build = spawn(process.execPath, ["-r", "./loader.js", "-e", script], {
      cwd: join(__dirname, "..", ".."),
      env: { ...process.env, PATH: path("slow") },
      stdio: "ignore",
    });
    const signs = createReadStream(life);
    await once(signs, "data");
    assert.equal(readFileSync(join(workFolder(), "kube-scheduler", "kube-scheduler"), "utf8"), "half\n");
    build.kill("SIGKILL");
    await once(signs, "close");
    assert.equal(obtained("kube-scheduler"), undefined);
    program(join(home, "quick", "go"), `while [ "$1" != -o ]; do shift; done; echo '#!built' > "$2"`);
    process.env["PATH"] = path("quick");
    const { "kube-scheduler": made } = await ensureTools(["kube-scheduler"], () => undefined);
    assert.equal(readFileSync(made, "utf8"), "#!built\n");
  }).timeout(20_000);

  it("shows times in a table", () => {
    const rows = [
      { name: "etcd", version: "3.6.14", how: "go" as const, milliseconds: 31_234 },
      { name: "helm", version: "3.22.0", how: "downloaded" as const, milliseconds: 950 },
    ];
    assert.equal(
      table(rows, 92_184),
      [
        "tool  version  how         time",
        "etcd  3.6.14   built       31 s",
        "helm  3.22.0   downloaded  0.9 s",
        "all                        1 min 32 s",
      ].join("\n"),
    );
  });
});
