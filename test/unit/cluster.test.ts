import { strict as assert } from "node:assert";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster } from "../../automation/cluster";
import { MissingError, OperationError } from "../../automation/errors";
import type { ClusterConfig } from "../../components/config";
import { eksConfig } from "./aws-mocks";

/** Writes down what it is asked, and who may read the kubeconfig that it is given; says what the variables tell it to. */
const kubectl = `#!/bin/sh
echo "$@" >> "$LOG"
stat -c %a "$2" >> "$LOG" 2>/dev/null
case "$*" in *"$UNKNOWN"*) [ -z "$COMPLAINT" ] || { echo "$COMPLAINT" >&2; exit 1; };; esac
echo '{"items":[{"kind":"Pod","metadata":{"name":"one"}}]}'
`;
const kubeconfig = "current-context: ours\nusers: [{ name: ours, user: { token: hidden } }]\n";
const named: ClusterConfig = { kind: "kubeconfig", path: "configs/mine", context: "mine" };

describe("The cluster of a stack, by kubectl", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ftgo-test-"));
    writeFileSync(join(folder, "kubectl"), kubectl);
    chmodSync(join(folder, "kubectl"), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const asked = () => readFileSync(join(folder, "log"), "utf8").trim().split("\n");
  const cluster = (
    config: ClusterConfig,
    { complaint = "", unknown = "", path = `${folder}:/usr/bin:/bin`, content = kubeconfig } = {},
  ) =>
    new Cluster({
      projectDir: folder,
      config,
      env: { PATH: path, LOG: join(folder, "log"), COMPLAINT: complaint, UNKNOWN: unknown },
      secretKubeconfig: () => Promise.resolve(content === "" ? undefined : content),
    });

  it("is that of the stack file, whose path is one of the project's folder", async () => {
    assert.equal((await cluster(named).get(["pods", "services"], "ftgo"))[0]?.metadata.name, "one");
    assert.equal(asked().filter((line) => line.startsWith("--kubeconfig")).length, 1, "one call for all kinds");
    assert.ok(asked()[0]?.startsWith(`--kubeconfig ${folder}/configs/mine --context mine `), asked()[0]);
  });

  it("is that of a path in the home folder, as the engine's plugin understands it", async () => {
    await cluster({ ...named, path: "~/mine" }).get(["pods"], "ftgo");
    assert.ok(asked()[0]?.startsWith(`--kubeconfig ${homedir()}/mine --context mine `), asked()[0]);
  });

  it("is reached on EKS by a file that nobody else can read, and which is there only meanwhile (promise 3)", async () => {
    await cluster(eksConfig()).get(["pods"], "ftgo");
    const [args = "", mode] = asked();
    const [, path = "", context] = /--kubeconfig (\S+) --context (\S+)/.exec(args) ?? [];
    assert.deepEqual([context, mode, existsSync(path)], ["ours", "600", false]);
    assert.ok(!args.includes("hidden"));
  });

  it("on EKS is asked of the engine once, also for several things at a time, and again while there is none", async () => {
    const answers = [undefined, kubeconfig];
    let asked = 0;
    const secretKubeconfig = () => Promise.resolve(answers[asked++]);
    const env = { PATH: `${folder}:/usr/bin:/bin`, LOG: join(folder, "log") };
    const made = new Cluster({ projectDir: folder, config: eksConfig(), env, secretKubeconfig });
    await assert.rejects(made.get(["pods"], "ftgo"), { name: "MissingError" });
    await Promise.all([made.get(["pods"], "ftgo"), made.get(["services"], "ftgo")]);
    await made.get(["secrets"], "ftgo");
    assert.equal(asked, 2);
  });

  it("is not there before `ftgo up` has made it", async () => {
    const missing = { name: "MissingError", message: "cluster ftgo-test does not exist yet; `ftgo up` makes it" };
    await assert.rejects(cluster(eksConfig(), { content: "" }).get(["pods"], "ftgo"), missing);
  });

  it("has none of a kind that it does not know, and all of those beside it", async () => {
    const unknown = "virtualservices";
    const ofCluster = cluster(named, {
      complaint: `error: the server doesn't have a resource type "${unknown}"`,
      unknown,
    });
    assert.deepEqual(await ofCluster.get([unknown], "ftgo"), []);
    const found = await ofCluster.get(["pods", unknown, "deployments"], "ftgo");
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ["one", "one"],
    );
  });

  it("that does not answer, and one that refuses, are told apart: only the first is missing", async () => {
    const away = cluster(named, { complaint: "The connection to the server was refused" });
    await assert.rejects(away.get(["pods"], "ftgo"), (error) => {
      assert.ok(error instanceof MissingError);
      assert.equal(
        error.message,
        "the cluster (context mine) does not answer: The connection to the server was refused",
      );
      return true;
    });
    const refusing = cluster(named, { complaint: "pods is forbidden" });
    await assert.rejects(refusing.get(["pods"], "ftgo"), (error) => {
      assert.ok(error instanceof OperationError);
      assert.equal(error.message, "kubectl get pods failed\n  pods is forbidden");
      return true;
    });
  });

  it("cannot be asked without kubectl, and the error says where to get it", async () => {
    await assert.rejects(
      cluster(named, { path: join(folder, "nowhere") }).get(["pods"], "ftgo"),
      /no `kubectl` on PATH; install it: http/,
    );
  });
});
