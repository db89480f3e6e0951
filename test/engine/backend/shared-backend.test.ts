import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa, type ResultPromise } from "execa";
import { LockedError, openProject, type Project } from "../../../automation";
import { ensureTools } from "../../../local";
import { until } from "../cluster-lab";
import { obtainS3, S3 } from "../s3";
import { settingSecrets } from "../stack-secrets";

const checkout = join(__dirname, "..", "..", "..");

/** Components alone: neither provider nor cluster is needed. `slowly` holds an update until the file is gone. */
const program = `
const pulumi = require("@pulumi/pulumi");
const { existsSync, writeFileSync } = require("node:fs");
class Part extends pulumi.ComponentResource {
  constructor(name, args) {
    super("test:x:Part", name, args);
    this.registerOutputs(args);
  }
}
module.exports = async () => {
  const config = new pulumi.Config("ftgo");
  const services = config.requireObject("services");
  for (const [key, { image }] of Object.entries(services)) new Part(key, { image });
  if (existsSync(__dirname + "/slowly")) writeFileSync(__dirname + "/held", "");
  while (existsSync(__dirname + "/slowly")) await new Promise((resolve) => setTimeout(resolve, 50));
  return { length: pulumi.unsecret(config.requireSecretObject("secrets").apply((all) => all.databasePassword.length)) };
};`;

/** A clone of the repository on a machine of its own. */
class Machine {
  readonly dir: string;
  readonly env: Record<string, string>;

  constructor(parent: string, pulumi: string, more: Record<string, string>, passphrase = "of the team") {
    this.dir = mkdtempSync(join(parent, "machine-"));
    mkdirSync(join(this.dir, "stacks"));
    symlinkSync(join(checkout, "node_modules"), join(this.dir, "node_modules"));
    writeFileSync(this.path("Pulumi.yaml"), "name: ftgo\nmain: index.js\nstackConfigDir: stacks\nruntime: nodejs\n");
    writeFileSync(this.path("index.js"), program);
    this.env = {
      ...more,
      PATH: `${dirname(pulumi)}:${process.env["PATH"] ?? ""}`,
      PULUMI_HOME: this.path("home"),
      PULUMI_CONFIG_PASSPHRASE: passphrase,
    };
  }

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  get file(): string {
    return this.path("stacks", "Pulumi.team.yaml");
  }

  /** Whether its update has come so far that the file `slowly` holds it. */
  get isHeld(): boolean {
    return existsSync(this.path("held"));
  }

  get project(): Project {
    return openProject({ stack: "team", projectDir: this.dir, env: this.env });
  }

  pulumi(args: string[], backend: string): ResultPromise {
    const env = { ...this.env, PULUMI_BACKEND_URL: backend };
    return execa("pulumi", [...args, "--stack", "team", "--non-interactive"], { cwd: this.dir, env });
  }

  /** An update in a process of its own. */
  updateApart(): ResultPromise<{ reject: false }> {
    const options = JSON.stringify({ stack: "team", projectDir: this.dir });
    const script = `require("./automation").openProject(${options}).up()`;
    const args = ["--require", "./loader.js", "--eval", script];
    return execa(process.execPath, args, { cwd: checkout, env: this.env, reject: false });
  }

  /** Takes the stack file over, as by git. */
  pull(from: Machine): void {
    copyFileSync(from.file, this.file);
  }
}

/** Whether the lock of a killed update goes by itself: of files alone, which can be taken away one by one. */
const kinds = [
  { kind: "files", isCleared: true, urlOf: (folder: string) => pathToFileURL(folder).href },
  { kind: "an S3-compatible store", isCleared: false, urlOf: (_: string, s3: S3) => s3.url("team") },
];

for (const { kind, isCleared, urlOf } of kinds) {
  describe(`A stack with a shared backend of ${kind}`, () => {
    const parent = realpathSync(mkdtempSync(join(tmpdir(), "ftgo-shared-")));
    const s3 = new S3();
    let backend: string;
    let pulumi: string;
    let first: Machine;
    let second: Machine;

    before(async () => {
      ({ pulumi } = await ensureTools(["pulumi"], () => undefined));
      await obtainS3();
      await s3.start();
      const folder = join(parent, "shared");
      mkdirSync(folder);
      backend = urlOf(folder, s3);
      first = new Machine(parent, pulumi, s3.env);
      second = new Machine(parent, pulumi, s3.env);
      const file = `config:
  ftgo:cluster: { kind: kubeconfig, context: theirs }
  ftgo:backend: ${backend}
  ftgo:services: { restaurant: { image: r:1 } }
`;
      writeFileSync(first.file, file);
      await first.pulumi(["stack", "init", "--secrets-provider", "passphrase", "--no-select"], backend);
      await first.pulumi(settingSecrets("hidden"), backend);
      await first.project.up();
    });
    after(async () => {
      await s3.remove();
      rmSync(parent, { recursive: true, force: true });
    });

    /** What the backend has, by image. */
    const images = async () => {
      const { stdout } = await first.pulumi(["stack", "export"], backend);
      return [...new Set(String(stdout).match(/(?<="image": ")[^"]+/g))].sort();
    };

    it("is taken over by a second machine, with its secrets", async () => {
      second.pull(first);
      second.project.edit([{ path: ["services", "consumer", "image"], value: "c:1" }]);
      assert.deepEqual((await second.project.up()).outputs, { length: "hidden".length });
      assert.deepEqual(await images(), ["c:1", "r:1"]);
      first.pull(second);
      await first.project.up();
    });

    it("is not touched by who has another passphrase", async () => {
      const stranger = new Machine(parent, pulumi, s3.env, "of somebody else");
      stranger.pull(first);
      stranger.project.edit([{ path: ["services", "consumer", "image"], value: "c:2" }]);
      await assert.rejects(stranger.project.up(), /incorrect passphrase/);
      assert.deepEqual(await images(), ["c:1", "r:1"]);
    });

    it("is updated by one machine at a time, and goes on when that one is killed", async () => {
      writeFileSync(first.path("slowly"), "");
      const update = first.updateApart();
      await until("the first one updates", () => first.isHeld);
      const refusal = await second.project.up().catch((error: unknown) => error);
      assert.ok(refusal instanceof LockedError);
      const [, pid] = /another update of stack team is running .*process (\d+)/.exec(refusal.message) ?? [];
      process.kill(Number(pid), "SIGKILL");
      update.kill("SIGKILL");
      await update;
      if (!isCleared) {
        await assert.rejects(second.project.up(), /an update that was killed.*`pulumi cancel --stack team`/);
        await second.pulumi(["cancel", "--yes"], backend);
      }
      second.project.edit([{ path: ["services", "consumer", "image"], value: "c:3" }]);
      rmSync(first.path("slowly"));
      await second.project.up();
      assert.deepEqual(await images(), ["c:3", "r:1"]);
    });
  });
}
