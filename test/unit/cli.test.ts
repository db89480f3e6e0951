import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context, LocalApi } from "../../automation/commands/context";
import { shellLines } from "../../automation/commands/env";
import { MissingError, UpdateError } from "../../automation/errors";
import { lazy } from "../../automation/lazy";
import { LocalError } from "../../local/errors";
import { CommandLine, stackFile } from "./command-line";

const checkout = join(__dirname, "..", "..");

let commandLine: CommandLine;
let projectDir: string;
let stackPath: string;
const ftgo: CommandLine["run"] = (...args) => commandLine.run(...args);

/** In the place of the embedded default. */
function local(parts: Partial<LocalApi>): Partial<Context> {
  return { local: () => parts as LocalApi };
}

beforeEach(() => {
  commandLine = new CommandLine();
  ({ projectDir, stackPath } = commandLine);
});
afterEach(() => commandLine.remove());

describe("ftgo: wrong usage changes nothing, says what would be right, and exits with 2", () => {
  it("a `no` to the question of `destroy`", async () => {
    const { code, err } = await ftgo("destroy -s mine", { answer: false });
    assert.equal(code, 2);
    assert.match(err, /not confirmed; nothing was changed/);
  });

  it("a promotion to a config that is refused leaves the file as it was (promise 2)", async () => {
    const { code, err } = await ftgo("promote consumer --testers bad\u00a0header -s mine");
    assert.equal(code, 2);
    assert.match(err, /canary\.testers\.header.*use a header name/);
    assert.equal(readFileSync(stackPath, "utf8"), stackFile);
  });
});

describe("ftgo config check", () => {
  it("says that a good file is good", async () => {
    assert.deepEqual(await ftgo("config check -s mine"), {
      code: 0,
      out: "stacks/Pulumi.mine.yaml is good: restaurant, consumer\n",
      err: "",
    });
  });

  it("shows every problem at once, each with its key (promise 2)", async () => {
    writeFileSync(stackPath, stackFile.replace("weight: 5", "weihgt: 5").replace("stable: v1", "stable: v3"));
    const { code, out, err } = await ftgo("config check -s mine");
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /ftgo:services\.consumer\.canary\.weihgt is not a known key; did you mean "weight"/);
  });

  it("gives programs one document, of problems too, and nothing else on stdout", async () => {
    assert.equal((JSON.parse((await ftgo("config check -s mine --json")).out) as { ok: boolean }).ok, true);
    writeFileSync(stackPath, stackFile.replace("weight: 5", "weight: 500"));
    const { code, out } = await ftgo("--json config check -s mine");
    const { error } = JSON.parse(out) as { error: { name: string; problems: unknown } };
    assert.equal(code, 2);
    assert.equal(error.name, "ConfigError");
    assert.deepEqual(error.problems, [
      { path: "ftgo:services.consumer.canary.weight", message: "is 500; the most is 100" },
    ]);
  });

  it("gives programs one document of wrong usage too", async () => {
    const { code, out } = await ftgo("config chek --json");
    assert.equal(code, 2);
    assert.match((JSON.parse(out) as { error: { message: string } }).error.message, /unknown command 'chek'/);
  });

  it("takes the stack from FTGO_STACK", async () => {
    process.env["FTGO_STACK"] = "mine";
    try {
      assert.equal((await ftgo("config check")).code, 0);
    } finally {
      delete process.env["FTGO_STACK"];
    }
  });
});

describe("ftgo env", () => {
  const obtainShellTools = () => Promise.resolve();
  const environment = () => ({ PATH: "/a b:/c", PULUMI_HOME: "/it's/$HOME/`x`" });

  it("prints lines that a shell reads back as they were", async () => {
    const { code, out } = await ftgo("env", local({ obtainShellTools, environment }));
    assert.equal(code, 0);
    const shell = spawnSync("sh", [
      "-c",
      `${out}\n/usr/bin/printf '%s\\n' "$PATH" "$PULUMI_HOME" "$PULUMI_STACK" "$FTGO_STACK"`,
    ]);
    assert.equal(shell.stdout.toString(), "/a b:/c\n/it's/$HOME/`x`\nlocal\nlocal\n");
  });

  it("quotes newlines too", () => {
    assert.equal(shellLines({ A: "x\n'y'" }), "export A='x\n'\\''y'\\'''\n");
  });

  it("takes away what would lead the tools elsewhere", () => {
    assert.equal(shellLines({ HELM_KUBEAPISERVER: undefined }), "unset HELM_KUBEAPISERVER\n");
  });

  it("keeps stdout to the lines; who is told something reads it on stderr", async () => {
    const told: LocalApi["environment"] = (_, report) => {
      report?.("using a stand-in");
      return { A: "1", B: undefined };
    };
    const { out, err } = await ftgo("env --json", local({ obtainShellTools, environment: told }));
    const own = { PULUMI_STACK: "local", FTGO_STACK: "local", no_grpc_proxy: "127.0.0.1" };
    assert.deepEqual(JSON.parse(out), { A: "1", B: null, ...own });
    assert.equal(err, "using a stand-in\n");
  });
});

describe("ftgo exits", () => {
  const stopped: LocalApi["status"] = () =>
    Promise.resolve({
      running: false,
      processes: [{ name: "istiod", state: "crashed", logTail: "panic" }],
      kubeconfig: "",
    });
  beforeEach(() => {
    writeFileSync(
      join(projectDir, "stacks", "Pulumi.local.yaml"),
      stackFile.replace("kind: kubeconfig, context: nowhere", "kind: embedded"),
    );
  });

  it("with 3 when the local cluster does not run, naming what crashed", async () => {
    const { code, err } = await ftgo("up", local({ status: stopped }));
    assert.equal(code, 3);
    assert.match(err, /istiod crashed.*ftgo local start/);
  });

  it("with 3 from `local status` when a process has crashed, with the end of its log", async () => {
    const { code, out } = await ftgo("local status", local({ status: stopped }));
    assert.equal(code, 3);
    assert.match(out, /istiod +crashed[^]*panic/);
  });

  it("with 3 from `doctor` when something is missing, naming the package that has it", async () => {
    const finding = { name: "unshare", ok: false, detail: "not found", remedy: "apt-get install util-linux" };
    const { code, out } = await ftgo("doctor", local({ diagnose: () => Promise.resolve([finding]) }));
    assert.equal(code, 3);
    assert.match(out, /✗ unshare.*\n +apt-get install util-linux\nmissing: unshare/);
  });

  it("with 0 from `doctor` when only what few uses need is missing", async () => {
    const finding = { name: "iptables", ok: false, detail: "not found", optional: true };
    assert.equal((await ftgo("doctor", local({ diagnose: () => Promise.resolve([finding]) }))).code, 0);
  });

  it("with 1 when a resource failed, and says how to go back", async () => {
    const failure = { resource: "consumer/v2", type: "", reason: "Pod x: ImagePullBackOff" };
    const original = lazy.project;
    class Failing extends original().Project {
      override promote() {
        return Promise.reject(new UpdateError("consumer/v2\n  Pod x: ImagePullBackOff", [failure]));
      }
    }
    lazy.project = () => ({ ...original(), Project: Failing });
    try {
      const { code, err } = await ftgo("promote consumer --weight 5 -s mine");
      assert.equal(code, 1);
      assert.match(err, /consumer\/v2\n +Pod x: ImagePullBackOff\n.*`ftgo rollback consumer --stack mine`/);
      const { out } = await ftgo("promote consumer --weight 5 -s mine --json");
      assert.deepEqual((JSON.parse(out) as { error: { failures: unknown } }).error.failures, [failure]);
    } finally {
      lazy.project = original;
    }
  });

  it("with 1 and an honest word when something was not foreseen; the stack only with FTGO_DEBUG=1", async () => {
    const broken = local({ diagnose: () => Promise.reject(new TypeError("x is not a function")) });
    const { code, err } = await ftgo("doctor", broken);
    assert.equal(code, 1);
    assert.match(err, /x is not a function\nThis was not foreseen/);
    assert.doesNotMatch(err, /\n +at /);
    process.env["FTGO_DEBUG"] = "1";
    try {
      assert.match((await ftgo("doctor", broken)).err, /\n +at /);
    } finally {
      delete process.env["FTGO_DEBUG"];
    }
  });

  it("with 3 for whatever names itself missing", async () => {
    const { code, err } = await ftgo("doctor", local({ diagnose: () => Promise.reject(new MissingError("no go")) }));
    assert.deepEqual([code, err], [3, "error: no go\n"]);
  });
});

describe("ftgo up, on a cluster that is not this machine's own", () => {
  const original = lazy.project;
  let ups = 0;
  class Watched extends original().Project {
    private readonly result = { changes: [], drifted: [], outputs: {}, durationMs: 1, byHand: [] };
    override preview() {
      const change = {
        name: "consumer/v2",
        type: "kubernetes:apps/v1:Deployment",
        operation: "create",
        properties: [],
      } as const;
      return Promise.resolve({ ...this.result, changes: [change] });
    }
    override up() {
      ups += 1;
      return Promise.resolve(this.result);
    }
  }
  before(() => (lazy.project = () => ({ ...original(), Project: Watched })));
  after(() => (lazy.project = original));
  beforeEach(() => (ups = 0));

  for (const answer of [true, false])
    it(`shows what it would change, and ${answer ? "does it after a yes" : "does nothing after a no"}`, async () => {
      const { code, err } = await ftgo("up -s mine", { answer });
      assert.match(err, /\+ consumer\/v2/);
      assert.deepEqual([code, ups], answer ? [0, 1] : [2, 0]);
    });

  it("does nothing where nobody can be asked, and says how to say yes", async () => {
    const { code, err } = await ftgo("up -s mine");
    assert.deepEqual([code, ups], [2, 0]);
    assert.match(err, /--yes/);
  });
});

describe("ftgo local", () => {
  it("stops the cluster, and says that its state is kept", async () => {
    let stopped = "";
    const stop = (dir: string) => Promise.resolve(void (stopped = dir));
    const { code, out } = await ftgo("local stop", local({ stop }));
    assert.deepEqual([code, stopped], [0, projectDir]);
    assert.match(out, /`ftgo local start` brings it back as it was/);
  });

  it("is missing something when what is local fails: exit code 3", async () => {
    const stop = () => Promise.reject(new LocalError("Process 1 cannot be killed."));
    const { code, err } = await ftgo("local stop", local({ stop }));
    assert.deepEqual([code, err], [3, "error: Process 1 cannot be killed.\n"]);
  });

  it("shows so many lines of a process's log", async () => {
    const logs = (_: string, process = "all", lines = 0) => `${process} ${lines}`;
    const { out } = await ftgo("local logs istiod --lines 7", local({ logs }));
    assert.equal(out, "istiod 7\n");
  });
});

describe("The ftgo program", () => {
  const bin = join(checkout, "automation", "bin", "ftgo.js");
  const run = (args: string[], cwd = checkout) =>
    spawnSync(process.execPath, [bin, ...args], { cwd, encoding: "utf8" });
  const commands = [
    "demo",
    "up",
    "preview",
    "status",
    "promote",
    "rollback",
    "config",
    "manifests",
    "destroy",
    "env",
    "local",
    "doctor",
  ];

  it("explains itself, its exit codes and its environment", () => {
    const { status, stdout, stderr } = run(["--help"]);
    assert.deepEqual([status, stderr], [0, ""]);
    for (const command of commands) assert.match(stdout, new RegExp(`^  ${command}\\b`, "m"));
    assert.match(stdout, /Exit codes:\n +0 [^]*130/);
    assert.match(stdout, /FTGO_STACK/);
  });

  it("says that a disk is full, and ends in failure", () => {
    const { status, stderr } = spawnSync("bash", ["-c", `"$0" "$1" --help > /dev/full`, process.execPath, bin], {
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /^error: the output cannot be written: ENOSPC.*\n$/);
  });

  for (const command of [
    ...commands,
    "config check",
    "config adopt",
    "local start",
    "local stop",
    "local status",
    "local logs",
  ]) {
    it(`gives examples in \`${command} --help\``, async () => {
      const { code, out } = await ftgo(`${command} --help`);
      assert.equal(code, 0);
      assert.match(out, /Examples:\n +\$ .*(ftgo|npm)/);
      assert.match(out, /--stack <name>/);
    });
  }

  it("says what to install before its packages are there", () => {
    const elsewhere = join(projectDir, "automation", "bin");
    mkdirSync(elsewhere, { recursive: true });
    copyFileSync(bin, join(elsewhere, "ftgo.js"));
    const { status, stderr } = spawnSync(process.execPath, [join(elsewhere, "ftgo.js")], { encoding: "utf8" });
    assert.deepEqual([status, stderr.includes("run `npm ci` in its folder first")], [3, true], stderr);
  });

  it("says what it can of an engine that does not start", async () => {
    const ambient = process.env["PATH"];
    writeFileSync(join(projectDir, "pulumi"), "#!/bin/sh\necho no such luck >&2\nexit 1\n", { mode: 0o755 });
    process.env["PATH"] = `${projectDir}:/usr/bin:/bin`;
    try {
      const { code, err } = await ftgo("preview -s mine --no-refresh");
      assert.deepEqual([code, err.includes("no such luck")], [1, true], err);
    } finally {
      process.env["PATH"] = ambient;
      rmSync(join(projectDir, "pulumi"));
    }
  });

  it("says what to install where there is no engine", async () => {
    const ambient = process.env["PATH"];
    process.env["PATH"] = projectDir;
    try {
      const { code, err } = await ftgo("preview -s mine --no-refresh");
      assert.deepEqual([code, err.includes("no `pulumi` on PATH; install it: http")], [3, true], err);
    } finally {
      process.env["PATH"] = ambient;
    }
  });

  it("runs from anywhere", () => {
    const { status, stderr } = run(["config", "check", "--stack", "nowhere"], tmpdir());
    assert.equal(status, 2);
    assert.match(stderr, /there is no stacks\/Pulumi\.nowhere\.yaml/);
  });

  it("starts without loading the Pulumi SDK, which takes most of a second", () => {
    const script = `
      require("./loader");
      const terminal = { out() {}, err() {}, live: false, color: false };
      const context = { terminal, projectDir: ".", local: require("./automation/lazy").lazy.local };
      const { runCommandLine } = require("./automation/cli");
      const all = [["--help"], ["config", "check", "-s", "dev"]].map((args) => runCommandLine(args, context));
      Promise.all(all).then(() => {
        context.local();
        console.log(Object.values(require.cache).filter((m) => m instanceof module.constructor && /node_modules.@pulumi/.test(m.id)).length);
      });`;
    assert.equal(spawnSync(process.execPath, ["-e", script], { cwd: checkout, encoding: "utf8" }).stdout, "0\n");
  });
});

describe("examples/promote.ts", () => {
  it("runs from outside the checkout and says what it needs", () => {
    const loader = join(checkout, "node_modules", "sucrase", "register");
    const script = join(checkout, "examples", "promote.ts");
    const env = { PATH: process.env["PATH"], FTGO_STACK: "nowhere" };
    const { status, stderr } = spawnSync(process.execPath, ["-r", loader, script, "25"], {
      cwd: tmpdir(),
      env,
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /^there is no stacks\/Pulumi\.nowhere\.yaml/);
  });
});
