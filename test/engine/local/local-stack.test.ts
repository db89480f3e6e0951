import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import * as local from "../../../local";
import { Lab } from "../cluster-lab";

const checkout = join(__dirname, "..", "..", "..");

describe("local stack", () => {
  const lab = new Lab();
  const file = join(lab.projectDir, "stacks", "Pulumi.local.yaml");
  const state = (...path: string[]) => join(lab.projectDir, ".ftgo", ...path);
  const prepare = () => local.prepareStack(lab.projectDir, lab.report);
  const pulumi = (...args: string[]) => {
    const env = { ...process.env, ...local.environment(lab.projectDir) };
    return execFileSync("pulumi", [...args, "--stack", "local"], { cwd: lab.projectDir, env, encoding: "utf8" }).trim();
  };
  const password = () => pulumi("config", "get", "--path", "secrets.databasePassword");

  before(async () => {
    mkdirSync(join(lab.projectDir, "stacks"));
    for (const name of ["Pulumi.yaml", join("stacks", "Pulumi.local.example.yaml")])
      copyFileSync(join(checkout, name), join(lab.projectDir, name));
    await prepare();
  });
  after(() => rmSync(lab.projectDir, { recursive: true, force: true }));

  it("is made from the example, with a password that only its owner can read", () => {
    const example = readFileSync(join(lab.projectDir, "stacks", "Pulumi.local.example.yaml"), "utf8");
    const text = readFileSync(file, "utf8");
    assert.ok(text.startsWith(example.trimEnd().split("\n").slice(0, 5).join("\n")), "comments and order are kept");
    for (const path of [file, state("passphrase")]) assert.equal(statSync(path).mode & 0o777, 0o600, path);
    const secret = password();
    assert.ok(secret.length >= 24);
    assert.ok(!text.includes(secret));
  });

  it("stays as it is when it is prepared again", async () => {
    const before = readFileSync(file, "utf8");
    await prepare();
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("is finished after a crash between the steps", async () => {
    const secret = password();
    rmSync(state("backend"), { recursive: true });
    await prepare();
    assert.equal(password(), secret, "the file's salt is kept");
    pulumi("config", "rm", "--path", "secrets.databasePassword");
    await prepare();
    assert.notEqual(password(), secret);
    rmSync(file);
    await prepare();
    assert.ok(password().length >= 24);
  });

  it("says what to do when its passphrase is gone", async () => {
    const passphrase = readFileSync(state("passphrase"));
    rmSync(state("passphrase"));
    await assert.rejects(prepare(), /passphrase of stack local.*is gone.*rm -r/s);
    writeFileSync(state("passphrase"), passphrase, { mode: 0o600 });
  });

  it("is not made of a file that is no YAML, and does not say what stands there (promise 3)", async () => {
    const before = readFileSync(file);
    writeFileSync(file, "config: [hunter2\n");
    const error = await prepare().catch((thrown: unknown) => thrown);
    writeFileSync(file, before, { mode: 0o600 });
    assert.match(String(error), /^LocalError: .*is not YAML that can be read; `npx ftgo config check` says where\.$/);
  });

  it("has an environment that leads nowhere else", () => {
    const ambient = process.env["KUBECONFIG"];
    process.env["KUBECONFIG"] = "/elsewhere";
    const environment = local.environment(lab.projectDir);
    if (ambient === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = ambient;
    assert.equal(environment["KUBECONFIG"], state("kubeconfig"));
    assert.equal(environment["PULUMI_BACKEND_URL"], pathToFileURL(state("backend")).href);
    assert.equal(environment["PULUMI_HOME"], state("pulumi-home"));
    assert.equal(environment["PATH"]?.split(delimiter)[0], state("bin"));
  });

  it("uses the stand-in only together with a word about it", () => {
    const told: string[] = [];
    const environment = local.environment(lab.projectDir, (line) => told.push(line));
    const isUsed = existsSync(state("bin", "pulumi-language-nodejs"));
    assert.equal(told.join().includes("stand-in for pulumi-language-nodejs"), isUsed);
    assert.equal(environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"], isUsed ? "true" : undefined);
  });
});
