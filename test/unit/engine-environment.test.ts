import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseStackConfig } from "../../components/config";
import { engineEnvironment, withLoopback } from "../../automation/engine-environment";
import { secrets } from "./refusals";

const environment = (cluster: object, more: object = {}) =>
  parseStackConfig({ cluster, services: {}, secrets, ...more }, "test");
const embedded = environment({ kind: "embedded" });
const named = environment({ kind: "kubeconfig", context: "mine" });

describe("The engine's environment: an ambient KUBECONFIG never reaches the engine", () => {
  let projectDir: string;
  const ambient = { ...process.env };
  beforeEach(() => {
    projectDir = mkdtempSync(join(tmpdir(), "ftgo té,st-"));
    mkdirSync(join(projectDir, ".ftgo", "backend"), { recursive: true });
    process.env["KUBECONFIG"] = "/home/me/production";
    delete process.env["PULUMI_BACKEND_URL"];
  });
  afterEach(() => {
    process.env = { ...ambient };
    rmSync(projectDir, { recursive: true });
  });
  const backend = () => pathToFileURL(join(projectDir, ".ftgo", "backend")).href;

  it("not for a cluster that the stack file names", () => {
    assert.equal(engineEnvironment(projectDir, named)["KUBECONFIG"], undefined);
  });

  it("not for the embedded cluster, which has its own", () => {
    const env = engineEnvironment(projectDir, embedded, { PULUMI_BACKEND_URL: backend() });
    assert.equal(env["KUBECONFIG"], join(projectDir, ".ftgo", "kubeconfig"));
  });

  it("not even when it is given for the embedded cluster", () => {
    const given = { PULUMI_BACKEND_URL: backend(), KUBECONFIG: "/elsewhere" };
    assert.equal(engineEnvironment(projectDir, embedded, given)["KUBECONFIG"], join(projectDir, ".ftgo", "kubeconfig"));
  });

  it("and so does an ambient passphrase, which would win over the stack's own", () => {
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "of another stack";
    const given = {
      PULUMI_BACKEND_URL: backend(),
      PULUMI_CONFIG_PASSPHRASE_FILE: join(projectDir, ".ftgo/passphrase"),
    };
    assert.equal(engineEnvironment(projectDir, embedded, given)["PULUMI_CONFIG_PASSPHRASE"], undefined);
    assert.equal(engineEnvironment(projectDir, named)["PULUMI_CONFIG_PASSPHRASE"], "of another stack");
  });

  it("and the local stack's backend is no other stack's, whose state would go with that stack", () => {
    const env = engineEnvironment(projectDir, named, { PULUMI_BACKEND_URL: backend() });
    assert.equal(env["PULUMI_BACKEND_URL"], undefined);
    const own = { PULUMI_BACKEND_URL: "s3://his" };
    assert.equal(engineEnvironment(projectDir, named, own)["PULUMI_BACKEND_URL"], "s3://his");
  });

  it("and the local stack's passphrase is no other stack's, which another machine could not open then", () => {
    const given = { PULUMI_CONFIG_PASSPHRASE_FILE: join(projectDir, ".ftgo/passphrase") };
    assert.equal(engineEnvironment(projectDir, named, given)["PULUMI_CONFIG_PASSPHRASE_FILE"], undefined);
    const own = { PULUMI_CONFIG_PASSPHRASE_FILE: "/his/passphrase" };
    assert.equal(engineEnvironment(projectDir, named, own)["PULUMI_CONFIG_PASSPHRASE_FILE"], "/his/passphrase");
  });

  it("and kubectl has neither the person's preferences nor his cache", () => {
    process.env["KUBERC"] = "/his/kuberc";
    const { KUBERC, KUBECACHEDIR } = engineEnvironment(projectDir, named);
    assert.deepEqual([KUBERC, KUBECACHEDIR], ["off", join(projectDir, ".ftgo", "home", "kube")]);
  });

  it("and the engine, which is on loopback, is never asked for at a proxy", () => {
    assert.equal(withLoopback({}), "127.0.0.1");
    assert.equal(withLoopback({ no_proxy: "intranet,127.0.0.1" }), "intranet,127.0.0.1");
    assert.equal(withLoopback({ no_proxy: "other", no_grpc_proxy: "grpc.intranet" }), "grpc.intranet,127.0.0.1");
  });

  it("and the shell of `ftgo env` is enough for a script", () => {
    process.env["PULUMI_BACKEND_URL"] = backend();
    assert.equal(engineEnvironment(projectDir, embedded)["PULUMI_BACKEND_URL"], backend());
  });

  it("without it a script on stack local is told what to run; it never uses another checkout's state", () => {
    const hint = /eval "\$\(npx ftgo env\)"/;
    assert.throws(() => engineEnvironment(projectDir, embedded), hint);
    const other = mkdtempSync(join(tmpdir(), "ftgo-test-"));
    try {
      assert.throws(() => engineEnvironment(projectDir, embedded, { PULUMI_BACKEND_URL: `file://${other}` }), hint);
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it("and the state is where the stack file says, whatever the shell says", () => {
    process.env["PULUMI_BACKEND_URL"] = "file:///elsewhere";
    const bucket = environment({ kind: "kubeconfig", context: "mine" }, { backend: "s3://bucket" });
    assert.equal(engineEnvironment(projectDir, bucket)["PULUMI_BACKEND_URL"], "s3://bucket");
    assert.equal(engineEnvironment(projectDir, named)["PULUMI_BACKEND_URL"], "file:///elsewhere");
  });
});
