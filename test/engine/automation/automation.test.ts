import { strict as assert } from "node:assert";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import {
  InterruptedError,
  LockedError,
  openProject,
  OperationError,
  type Progress,
  UsageError,
} from "../../../automation";
import { ensureTools } from "../../../local";
import { until } from "../cluster-lab";
import { settingSecrets } from "../stack-secrets";

const checkout = join(__dirname, "..", "..", "..");

/** Components alone, so that no provider and no cluster is needed; `slowly` holds the update until it is stopped. */
const program = `
const pulumi = require("@pulumi/pulumi");
const { existsSync, writeFileSync } = require("node:fs");
class Part extends pulumi.ComponentResource {
  constructor(name, args, opts) {
    super("test:x:Part", name, args, opts);
    this.registerOutputs(args);
  }
}
module.exports = async () => {
  const services = new pulumi.Config("ftgo").requireObject("services");
  for (const [key, service] of Object.entries(services)) {
    const parent = new Part(key, { image: service.image });
    new Part(key + "/route", service.canary ?? {}, { parent });
  }
  if (existsSync(__dirname + "/unknowable")) {
    const chart = pulumi.output(Promise.reject(new Error("the chart cannot be rendered")));
    const part = new Part("part", { chart }, { dependsOn: chart });
    return { urn: part.urn };
  }
  if (existsSync(__dirname + "/broken")) throw new Error("the program is broken");
  if (existsSync(__dirname + "/slowly")) writeFileSync(__dirname + "/held", "");
  while (existsSync(__dirname + "/slowly")) await new Promise((resolve) => setTimeout(resolve, 50));
  return { gateway: { url: "http://gateway" }, password: pulumi.secret("hidden") };
};`;
const stackFile = `# comments stay
config:
  ftgo:cluster: { kind: embedded }   # here
  ftgo:services:
    restaurant: { image: r:1 }
    consumer:
      versions: { v1: { image: c:1 }, v2: { image: c:2 } }
      stable: v1
      canary: { version: v2, weight: 0 } # promote here
`;

describe("The Automation API on the real engine", () => {
  let projectDir: string;
  let env: Record<string, string>;
  const told: Progress[] = [];
  const path = (...parts: string[]) => join(projectDir, ...parts);
  const open = (signal?: AbortSignal) =>
    openProject({ stack: "mine", projectDir, env, signal, onProgress: (progress) => told.push(progress) });
  const file = () => readFileSync(path("stacks", "Pulumi.mine.yaml"), "utf8");
  const edit = (from: string, to: string) =>
    writeFileSync(path("stacks", "Pulumi.mine.yaml"), file().replace(from, to));
  const locks = () => {
    const folder = path(".ftgo", "backend", ".pulumi", "locks", "organization", "ftgo", "mine");
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
  };

  before(async () => {
    const { pulumi } = await ensureTools(["pulumi"], () => undefined);
    projectDir = realpathSync(mkdtempSync(join(tmpdir(), "ftgo-test-")));
    mkdirSync(path("stacks"));
    mkdirSync(path(".ftgo", "backend"), { recursive: true });
    symlinkSync(join(checkout, "node_modules"), path("node_modules"));
    writeFileSync(path("Pulumi.yaml"), "name: ftgo\nmain: index.js\nstackConfigDir: stacks\nruntime: nodejs\n");
    writeFileSync(path("index.js"), program);
    writeFileSync(path("stacks", "Pulumi.mine.yaml"), stackFile);
    env = {
      PATH: `${dirname(pulumi)}:${process.env["PATH"] ?? ""}`,
      PULUMI_HOME: path(".ftgo", "home"),
      PULUMI_BACKEND_URL: `file://${path(".ftgo", "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase of a test",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    const cli = (args: string[]) =>
      execFileSync(pulumi, [...args, "--stack", "mine", "--non-interactive"], {
        cwd: projectDir,
        env: { ...process.env, ...env },
        stdio: ["ignore", "ignore", "inherit"],
      });
    cli(["stack", "init", "--secrets-provider", "passphrase", "--no-select"]);
    cli(settingSecrets("hidden"));
    // The file has its salt and its secret, and the stack is not there: as after a clone.
    rmSync(path(".ftgo", "backend", ".pulumi"), { recursive: true });
  });
  after(() => rmSync(projectDir, { recursive: true, force: true }));
  beforeEach(() => told.splice(0));

  /** Says that an update will be held up. */
  function holdUp(): void {
    rmSync(path("held"), { force: true });
    writeFileSync(path("slowly"), "");
  }
  const isHeldUp = () => until("the program is held up", () => existsSync(path("held")));

  /** Runs until the program is held up, in a process of its own. */
  async function updateSlowly(): Promise<ChildProcess> {
    holdUp();
    const script = `require("${join(checkout, "automation")}").openProject({ stack: "mine", projectDir: "${projectDir}" }).up()
      .then(() => console.log("done"), (error) => console.log(error.name));`;
    const child = spawn(process.execPath, ["-r", "./loader.js", "-e", script], {
      cwd: checkout,
      env: { ...process.env, ...env },
    });
    await isHeldUp();
    return child;
  }

  it("makes a stack that is not there yet, and gives the outputs without the secret ones (promise 3)", async () => {
    const { outputs, durationMs } = await open().up();
    assert.deepEqual(outputs, { gateway: { url: "http://gateway" } });
    assert.ok(durationMs > 0);
    assert.match(file(), /# comments stay/);
  });

  it("promotes by one key, and rolls back", async () => {
    const before = file();
    const promoted = await open().promote("consumer", { weight: 25, testers: { header: "testuser" } });
    assert.deepEqual(promoted.audience, {
      weights: { v1: 75, v2: 25 },
      testers: { header: "testuser", regex: "^.+$", version: "v2" },
    });
    assert.match(file(), /weight: 25, testers: \{ header: testuser \}\s*\} # promote here/);
    const back = await open().rollback("consumer");
    assert.deepEqual(back.audience, { weights: { v1: 100 } });
    assert.equal(file(), before);
  });

  it("rolls a service with one image back to its last config that went up well", async () => {
    await assert.rejects(open().rollback("restaurant"), UsageError);
    edit("r:1", "r:2");
    writeFileSync(path("broken"), "");
    await assert.rejects(open().up(), OperationError);
    rmSync(path("broken"));
    const { edited } = await open().rollback("restaurant");
    assert.deepEqual(edited, ["services.restaurant"]);
    assert.match(file(), /restaurant: \{ ?image: '?r:1'? ?\}/);
  });

  it("says what the program threw, without its stack", async () => {
    writeFileSync(path("broken"), "");
    try {
      await assert.rejects(open().up(), (error: Error) => {
        assert.equal(error.message, "pulumi up of stack mine failed\n  the program is broken");
        return true;
      });
    } finally {
      rmSync(path("broken"));
    }
  });

  it("ends when a promise in the program fails that its resources wait for", async () => {
    writeFileSync(path("unknowable"), "");
    try {
      await assert.rejects(open().up(), (error: Error) => {
        assert.equal(error.message, "pulumi up of stack mine failed\n  the chart cannot be rendered");
        return true;
      });
    } finally {
      rmSync(path("unknowable"));
    }
    assert.deepEqual(locks(), []);
  });

  it("clears the lock of an update that was killed, and says so (promise 4)", async () => {
    const child = await updateSlowly();
    const { pid } = JSON.parse(readFileSync(locks()[0] ?? "", "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
    await once(child, "exit");
    rmSync(path("slowly"));
    assert.equal(locks().length, 1, "the lock outlives its process");
    await open().up();
    const notices = told.flatMap((progress) => (progress.kind === "notice" ? [progress.text] : []));
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? "", new RegExp(`cleared the lock.*process ${pid}`));
    assert.deepEqual(locks(), []);
  });

  it("leaves the lock of an update that runs alone (promise 4)", async () => {
    const child = await updateSlowly();
    await assert.rejects(open().up(), (error: Error) => {
      assert.ok(error instanceof LockedError);
      assert.match(error.message, /another update of stack mine is running .*process \d+.*wait for it to end/);
      return true;
    });
    rmSync(path("slowly"));
    const [text] = (await once(child.stdout ?? child, "data")) as [Buffer];
    assert.equal(text.toString(), "done\n");
  });

  it("leaves the lock of another machine to a person (promise 4)", async () => {
    const lock = path(".ftgo", "backend", ".pulumi", "locks", "organization", "ftgo", "mine", "other.json");
    mkdirSync(dirname(lock), { recursive: true });
    const holder = {
      pid: 1,
      username: userInfo().username,
      hostname: `not-${hostname()}`,
      timestamp: new Date().toISOString(),
    };
    writeFileSync(lock, JSON.stringify(holder));
    await assert.rejects(open().up(), /locked by an update on another machine[^]*pulumi cancel --stack mine/);
    assert.ok(existsSync(lock));
    rmSync(lock);
  });

  it("refuses another passphrase, says which is wanted, and changes nothing", async () => {
    const before = file();
    const other = { ...env, PULUMI_CONFIG_PASSPHRASE: "another one" };
    const project = openProject({ stack: "mine", projectDir, env: other });
    for (const work of [() => project.up(), () => project.promote("consumer", { weight: 50 })])
      await assert.rejects(work(), (error: Error) => {
        assert.ok(error instanceof OperationError);
        assert.match(error.message, /incorrect passphrase\n.*must be the one that the secrets of the stack file were/);
        return true;
      });
    assert.equal(file(), before);
    assert.deepEqual(locks(), []);
  });

  it("stops in order when it is told to, and goes on afterwards", async () => {
    const controller = new AbortController();
    holdUp();
    const update = open(controller.signal).up();
    const stopped = assert.rejects(update, InterruptedError);
    await isHeldUp();
    controller.abort();
    await stopped;
    assert.deepEqual(locks(), []);
    rmSync(path("slowly"));
    await open().up();
  });

  it("says that its engine was killed, and goes on afterwards", async () => {
    holdUp();
    const update = open().up();
    const ended = assert.rejects(
      update,
      /^OperationError: pulumi up of stack mine failed\n {2}the engine was ended from outside, by SIGKILL$/,
    );
    await isHeldUp();
    const { pid } = JSON.parse(readFileSync(locks()[0] ?? "", "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    await ended;
    rmSync(path("slowly"));
    await open().up();
  });

  it("ends in order when the process that called it is killed", async () => {
    const child = await updateSlowly();
    child.kill("SIGKILL");
    await until("there is no lock", () => locks().length === 0);
    rmSync(path("slowly"));
    await open().up();
  });

  it("destroys, and destroying again is no error", async () => {
    await open().destroy();
    assert.deepEqual((await open().destroy()).changes, []);
  });
});
