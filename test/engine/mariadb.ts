import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Connection, createConnection } from "mysql2/promise";
import { withLock } from "../../local/lock";
import { cacheFolder } from "../../local/tools/cache";
import { libraryFolder, unpackPackages } from "../../local/tools/debian";
import { until } from "./cluster-lab";

const folder = join(cacheFolder(), "mariadb-of-debian");
const tree = join(folder, "root");
const libraries = ["usr/lib", "lib"].map((path) => join(tree, path, libraryFolder)).join(":");

/**
 * Gets MariaDB from Debian's packages into the cache, without installing it.
 * @returns why it cannot be had; undefined when it is there
 */
export function obtainMariaDb(): Promise<string | undefined> {
  const tell = () => console.log("Another checkout is obtaining MariaDB: waiting for it.");
  return withLock(`${folder}.lock`, "obtaining MariaDB", tell, unpack);
}

async function unpack(): Promise<string | undefined> {
  if (existsSync(tree)) return undefined;
  try {
    mkdirSync(folder, { recursive: true });
    await unpackPackages(["mariadb-server-core", "mariadb-client-core"], tree);
    return undefined;
  } catch (error) {
    return `MariaDB cannot be had from this machine's packages: ${(error as Error).message.split("\n")[0] ?? ""}`;
  }
}

/** A real MySQL-compatible server on 127.0.0.1, with an empty database `eventuate`. */
export class MariaDb {
  private readonly dir = mkdtempSync(join(tmpdir(), "ftgo-mariadb-"));
  private server?: ChildProcess;
  port = 0;

  /** The environment in which its client programs run. */
  readonly env = { PATH: `${join(tree, "usr/bin")}:${process.env["PATH"] ?? ""}`, LD_LIBRARY_PATH: libraries };

  /** @param rootPassword of the user `root` */
  async start(rootPassword: string): Promise<void> {
    const data = join(this.dir, "data");
    const usr = join(tree, "usr");
    const user = `--user=${userInfo().username}`;
    const make = ["--no-defaults", `--basedir=${usr}`, "--srcdir=", `--datadir=${data}`, user];
    const { env } = this;
    await execa("mariadb-install-db", [...make, "--auth-root-authentication-method=normal", "--skip-test-db"], { env });
    const init = join(this.dir, "init.sql");
    const quoted = `'${rootPassword.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
    writeFileSync(init, `ALTER USER root@localhost IDENTIFIED BY ${quoted};\nCREATE DATABASE eventuate;\n`, {
      mode: 0o600,
    });
    this.port = await freePort();
    const address = ["--bind-address=127.0.0.1", `--port=${this.port}`, `--socket=${join(this.dir, "socket")}`];
    const log = `--log-error=${join(this.dir, "log")}`;
    this.server = spawn(
      join(usr, "sbin/mariadbd"),
      ["--no-defaults", `--basedir=${usr}`, `--datadir=${data}`, `--init-file=${init}`, log, user, ...address],
      { env, stdio: "ignore" },
    );
    await until("MariaDB answers", async () => {
      if (this.server?.exitCode !== null) assert.fail(readFileSync(join(this.dir, "log"), "utf8"));
      return this.login("root", rootPassword).then(
        () => true,
        () => false,
      );
    });
  }

  /** Logs in by a new connection, and leaves. Rejects when the server refuses. */
  async login(user: string, password: string): Promise<void> {
    await (await this.connect(user, password)).end();
  }

  connect(user: string, password: string): Promise<Connection> {
    return createConnection({ host: "127.0.0.1", port: this.port, user, password });
  }

  /** Stops the server and takes its files away. */
  async remove(): Promise<void> {
    if (this.server?.exitCode === null) {
      const exit = once(this.server, "exit");
      this.server.kill("SIGKILL");
      await exit;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  server.close();
  await once(server, "close");
  return address.port;
}
