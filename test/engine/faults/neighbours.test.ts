import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import * as local from "../../../local";
import { Lab } from "../cluster-lab";

const checkout = join(__dirname, "..", "..", "..");

const labs = [new Lab(), new Lab()] as const;

after(() => Promise.all(labs.map((lab) => lab.remove())));

describe("Two checkouts on one machine", () => {
  before(() => Promise.all(labs.map((lab) => lab.start())));

  it("have a cluster each, which lives and goes without the other", async () => {
    const [one, other] = labs;
    await one.kubectl("create", "configmap", "mine", "--from-literal=a=1");
    await assert.rejects(other.kubectl("get", "configmap", "mine"), /not found/);
    const before = await other.status();
    await one.stop();
    assert.deepEqual(await other.status(), before);
    await other.kubectl("get", "nodes");
  });
});

describe("A person's own Pulumi, kubectl, helm and istioctl", () => {
  const [, lab] = labs;
  const home = mkdtempSync(join(tmpdir(), "ftgo home "));
  /** They would lead elsewhere, or be an error, for whoever reads them. */
  const own = {
    ".kube/config": "apiVersion: v1\nkind: Config\ncurrent-context: nowhere\n",
    ".kube/kuberc": "no: kuberc\n",
    ".pulumi/credentials.json": '{"current":"https://elsewhere.invalid","accounts":{}}',
    ".config/helm/repositories.yaml": "apiVersion: v1\nrepositories: [{ name: own, url: https://elsewhere.invalid }]\n",
    ".istioctl/config.yaml": "istioNamespace: elsewhere\n",
  };

  before(async () => {
    for (const [name, text] of Object.entries(own)) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text);
    }
    mkdirSync(join(lab.projectDir, "stacks"));
    for (const name of ["Pulumi.yaml", join("stacks", "Pulumi.local.example.yaml")])
      copyFileSync(join(checkout, name), join(lab.projectDir, name));
    await lab.start();
    await local.prepareStack(lab.projectDir, lab.report);
    await local.obtainShellTools(lab.report);
  });
  after(() => rmSync(home, { recursive: true }));

  it("are neither read nor changed in the shell of `ftgo env`, whatever his variables say", async () => {
    const ambient = {
      HOME: home,
      XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
      KUBECONFIG: join(home, ".kube", "config"),
      PULUMI_ACCESS_TOKEN: "his",
      HELM_NAMESPACE: "his",
      ISTIONAMESPACE: "his",
    };
    const saved = { ...process.env };
    Object.assign(process.env, ambient);
    try {
      const env = local.environment(lab.projectDir);
      const run = async (command: string, ...args: string[]) =>
        (await execa(command, args, { cwd: lab.projectDir, env, preferLocal: false })).stdout;
      assert.match(await run("kubectl", "get", "nodes"), /node-a/);
      assert.match(await run("pulumi", "stack", "ls"), /^local/m);
      assert.match(await run("pulumi", "whoami", "--verbose"), /Backend URL: file:/);
      assert.doesNotMatch(await run("helm", "env"), /his|ftgo home/);
      await assert.rejects(run("helm", "repo", "list"), /no repositories/);
      assert.match(await run("istioctl", "version", "--remote=false"), /1\.31/);
    } finally {
      process.env = saved;
    }
    const files = readdirSync(home, { recursive: true, encoding: "utf8" });
    const kept = files.filter((name) => statSync(join(home, name)).isFile());
    assert.deepEqual(Object.fromEntries(kept.map((name) => [name, readFileSync(join(home, name), "utf8")])), own);
  });
});
