import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { UpdateError } from "../../../automation";
import { Kubelet, type Run } from "../kubelet";
import { ArgumentWatch, filesThatHold, holds } from "../leaks";
import { MariaDb, obtainMariaDb } from "../mariadb";
import { type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";

const image = (name: string) => `example/${name}:missing-its-container-runs-here`;
/** Letters that no quoting and no encoding but base64 and hexadecimal changes. */
const trace = "Zq7Wx9Kd3Rv5Tn1L";
const awkward = `p'w"\\ $(x) \`y\` %n %s ${trace} #:{}[]&|;<>!?*~é漢😀\tend`;

/** A pod that has a login of the database, and how it fares with it. */
interface Client {
  readonly app: string;
  readonly user: string;
  /** Its own secret variable. */
  readonly apiKey: string | undefined;
  logins: number;
  isGone: boolean;
}

describe("A new database password", () => {
  let lab: Platform;
  let kubelet: Kubelet;
  const database = new MariaDb();
  const clients: Client[] = [];
  const failures: string[] = [];
  let rootPassword: string;

  /** Plain `pulumi config`, past the lab's record of what commands print. */
  const config = async (args: string[], input?: string) => {
    const env = lab.variables;
    return (await execa("pulumi", ["config", ...args, "--stack", "local"], { cwd: lab.dir, env, input })).stdout;
  };
  const setSecret = (path: string, value: string) => config(["set", "--secret", "--path", `secrets.${path}`], value);
  const setPassword = (password: string) => setSecret("databasePassword", password);
  const living = () => clients.filter(({ isGone }) => !isGone);
  const usersOfPods = () => [...new Set(living().map(({ user }) => user))];
  const userOfSecret = async () =>
    Buffer.from(await lab.kubectl("get", "secret", "ftgo-db-secret", "-o", "jsonpath={.data.username}"), "base64");
  const usersOfDatabase = async () => {
    const connection = await database.connect("root", rootPassword);
    const [rows] = await connection.query("SELECT user FROM mysql.user WHERE user LIKE 'mysqluser%'");
    await connection.end();
    return (rows as Record<string, string>[]).map((row) => Object.values(row)[0]);
  };

  /** A service's container: logs in by a new connection again and again, all its life. */
  const client: Run = async ({ pod, env, deleted, ready }) => {
    const { SPRING_DATASOURCE_USERNAME: user = "", SPRING_DATASOURCE_PASSWORD: password = "" } = env;
    const { API_KEY: apiKey } = env;
    const own: Client = { app: pod.metadata.labels["app"] ?? "", user, apiKey, logins: 0, isGone: false };
    clients.push(own);
    while (!deleted.aborted) {
      await database.login(user, password).then(
        () => (own.logins += 1),
        (error: unknown) => failures.push(`${pod.metadata.name}: ${String(error)}`),
      );
      if (own.logins === 1) await ready();
      await pause(50);
    }
    own.isGone = true;
    return undefined;
  };

  /** The Job's container: its own command, with a client program of the server's. */
  const command: Run = async ({ pod, env }) => {
    const [program = "", ...args] = pod.spec.containers[0].command ?? [];
    const address = { MYSQL_HOST: "127.0.0.1", MYSQL_TCP_PORT: String(database.port) };
    const options = { env: { ...env, ...database.env, ...address }, reject: false, all: true } as const;
    const { exitCode = 1, all } = await execa(program, args, options);
    return { exitCode, message: all.slice(-2048) };
  };

  const run: Run = async (start) => {
    const { app } = start.pod.metadata.labels;
    if (app === "ftgo-mysql-login") return command(start);
    if (app !== "ftgo-mysql") return client(start);
    await start.ready(); // its process is the real server
    return undefined;
  };

  before(async function () {
    const missing = await obtainMariaDb();
    if (missing !== undefined) {
      console.log(missing);
      this.skip();
    }
    lab = await platform();
    rootPassword = await config(["get", "--path", "secrets.databaseAdminPassword"]);
    await database.start(rootPassword);
    kubelet = new Kubelet(lab, run);
    await kubelet.start();
    await lab.bring({
      "dataStores.mysql.image": image("mysql"),
      "services.restaurant.image": image("restaurant"),
      "services.restaurant.rollout": { deadlineSeconds: 60 },
      "services.consumer.versions.v1.image": image("consumer"),
    });
  });
  after(async () => {
    await kubelet?.stop();
    await database.remove();
  });

  it("is a login that the database knows before any pod has it, and the old one works for as long as a pod has it", async () => {
    const users: string[][] = [usersOfPods()];
    for (const password of [randomBytes(18).toString("base64url"), awkward]) {
      await setPassword(password);
      await lab.project.up({ refresh: false });
      users.push(usersOfPods());
      assert.deepEqual(users.at(-1), [String(await userOfSecret())], "every pod has rolled");
    }
    assert.deepEqual(failures, []);
    assert.deepEqual([...new Set(clients.map(({ app }) => app))].sort(), [
      "ftgo-consumer-service",
      "ftgo-restaurant-service",
    ]);
    assert.equal(new Set(users.flat()).size, 3, "each password has a user of its own");
    assert.deepEqual((await usersOfDatabase()).sort(), users.slice(1).flat().sort(), "the first one's is gone");
    assert.ok(clients.every(({ logins }) => logins > 0));
  });

  it("rolls nothing when it is the same, nor when something else changes", async () => {
    const before = living();
    await setPassword(awkward); // encrypted anew
    const { changes } = await lab.project.up({ refresh: false });
    assert.deepEqual(changes, []);
    await lab.project.change("gateway", [{ path: ["services", "gateway", "replicas"], value: 3 }]);
    assert.deepEqual(living(), before);
  });

  it("that the database does not take changes no Secret and no pod, is told with its reason, and is made good by the same command", async () => {
    const [user, before] = [String(await userOfSecret()), living()];
    const connection = await database.connect("root", rootPassword);
    await connection.query("ALTER USER root@localhost IDENTIFIED BY 'changed by hand'");
    await setPassword(`${awkward} and one more`);
    await assert.rejects(lab.project.up({ refresh: false }), (error) => {
      assert.ok(error instanceof UpdateError);
      assert.match(error.message, /database\/login\n[^]*BackoffLimitExceeded/);
      assert.match(
        error.message,
        /pod ftgo-mysql-login-\w+-\w+ container ftgo-mysql-login: Error, exit code 1: .*Access denied/,
      );
      return true;
    });
    assert.deepEqual([String(await userOfSecret()), living()], [user, before]);
    await connection.query(`ALTER USER root@localhost IDENTIFIED BY ${connection.escape(rootPassword)}`);
    await connection.end();
    await lab.project.up({ refresh: false });
    assert.deepEqual(usersOfPods(), [String(await userOfSecret())]);
    assert.notDeepEqual(usersOfPods(), [user]);
    assert.deepEqual(failures, []);
  });

  it("has its like in a service's secret variables, which reach the pods of that service as they are (A4)", async () => {
    await setSecret("env.restaurant.API_KEY", awkward);
    await lab.project.up({ refresh: false });
    const keys = new Set(living().map(({ app, apiKey }) => [app, apiKey].join()));
    assert.deepEqual([...keys].sort(), ["ftgo-consumer-service,", `ftgo-restaurant-service,${awkward}`]);
    assert.deepEqual(failures, []);
  });

  it("is found nowhere but in the Secrets with the login, as that variable is in its own (promise 3)", async () => {
    const watch = new ArgumentWatch(trace);
    await setPassword(`${awkward} at last`);
    const commands = [
      () => lab.pulumi("preview", "--diff"),
      () => lab.ftgo("up", "--yes"),
      () => lab.pulumi("stack", "export"),
      () => lab.pulumi("stack", "output", "--json"),
      () => lab.pulumi("config", "--json"),
      () => lab.ftgo("status", "--json"),
      () => lab.ftgo("manifests", "restaurant"),
    ];
    for (const command of commands) succeeded(await command());
    assert.deepEqual([watch.stop(), watch.looks > 10], [[], true], "no process had it as an argument");
    assert.ok(!holds(lab.transcript, trace), "no command has printed it");
    // etcd is the cluster's own store, and has the Secrets themselves.
    assert.deepEqual(filesThatHold(trace, join(lab.dir, ".ftgo"), "etcd"), [], "no state, history or log has it");
    assert.deepEqual(filesThatHold(trace, join(lab.dir, "stacks")), []);
    const kinds = (await lab.kubectl("api-resources", "--verbs=list", "--output=name")).trim().split("\n");
    const all = await lab.list<never>(kinds.join(","), "--all-namespaces", "--show-managed-fields");
    const holders = all.filter((object) => holds(JSON.stringify(object), trace)).map(({ metadata }) => metadata.name);
    assert.deepEqual(
      holders,
      ["ftgo-db-secret", "ftgo-mysql-login", "ftgo-restaurant-service-secrets"],
      "objects of the cluster, events among them",
    );
  });
});
