import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { type Edit, openProject, type Project } from "../../automation";
import * as local from "../../local";
import { chartsFolder, versionFolder } from "../../local/tools/cache";
import { filesThatHold, holds } from "./leaks";

const checkout = join(__dirname, "..", "..");
const sources = [
  "Pulumi.yaml",
  "package.json",
  "tsconfig.json",
  "index.ts",
  "loader.js",
  "components",
  "automation",
  "local",
  "examples",
];
const stackFiles = join(checkout, "stacks");

/** What a command did. */
export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** An object of the API server; `T` is what a test reads of its spec and status. */
export interface KubeObject<T = unknown> {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly resourceVersion: string;
  };
  readonly spec: T;
  readonly status: Readonly<Record<string, unknown>>;
}

/**
 * A copy of the checkout with a local cluster and a stack of its own, shared by all platform tests of a run: a cluster for
 * each would cost half a minute each. Tests begin with `bring`, so that each file also runs alone.
 *
 * The ambient KUBECONFIG of every command points to a server that records who connects.
 */
export class Platform {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), "ftgo-platform-")));
  /** Everything that any command has printed. */
  transcript = "";
  /** Connections to the cluster that the ambient KUBECONFIG names. */
  strays = 0;
  private readonly trap: Server = createServer((socket) => {
    this.strays += 1;
    socket.destroy();
  });
  private readonly ambient = process.env["KUBECONFIG"];
  /** Holds only those tools that `ftgo local start` obtains, as on a machine that has never had another. */
  private readonly cache = join(this.dir, "cache");
  /** The variables of the shell that `ftgo env` gives. */
  variables: local.Variables = {};
  private pristine = "";
  private isUp = false;
  private opened?: Project;

  /** @param traffic whether FTGO's pods run and answer. @default they are only shown, which takes less time */
  constructor(private readonly traffic = false) {}

  async start(): Promise<void> {
    const restoreCache = await this.useFreshCache();
    for (const name of sources) cpSync(join(checkout, name), join(this.dir, name), { recursive: true });
    const isCommitted = (path: string) => !path.endsWith("Pulumi.local.yaml");
    cpSync(stackFiles, join(this.dir, "stacks"), { recursive: true, filter: isCommitted });
    symlinkSync(join(checkout, "node_modules"), join(this.dir, "node_modules"));
    await local.bringUp(this.dir, this.tell, { traffic: this.traffic });
    this.variables = { ...local.environment(this.dir), KUBECONFIG: await this.setTrap() };
    restoreCache();
    this.pristine = this.config;
  }

  /** Stops the cluster and takes everything away. */
  async remove(): Promise<void> {
    this.trap.close();
    await local.stop(this.dir, this.tell);
    restoreVariable("KUBECONFIG", this.ambient);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** @returns what gives this process its own cache back; commands go on with the lab's */
  private async useFreshCache(): Promise<() => void> {
    const names = [...local.startTools, ...(this.traffic ? local.trafficTools : [])];
    const executables = await local.ensureTools(names, this.tell);
    const charts = chartsFolder();
    const ambient = process.env["XDG_CACHE_HOME"];
    process.env["XDG_CACHE_HOME"] = this.cache;
    const links: [string, string][] = names.map((name) => [versionFolder(name), dirname(executables[name])]);
    for (const [path, target] of [...links, [chartsFolder(), charts] as const]) {
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(target, path);
    }
    return () => restoreVariable("XDG_CACHE_HOME", ambient);
  }

  /** Makes the ambient KUBECONFIG one that looks good and leads elsewhere. */
  private async setTrap(): Promise<string> {
    await new Promise<void>((resolve) => this.trap.listen(0, "127.0.0.1", resolve));
    const address = this.trap.address();
    assert.ok(address !== null && typeof address === "object");
    const path = join(this.dir, "ambient-kubeconfig");
    writeFileSync(
      path,
      `apiVersion: v1
kind: Config
clusters: [{name: production, cluster: {server: "http://127.0.0.1:${address.port}"}}]
users: [{name: admin, user: {token: of-production}}]
contexts: [{name: production, context: {cluster: production, user: admin}}]
current-context: production
`,
    );
    return (process.env["KUBECONFIG"] = path);
  }

  /** The stack file. */
  get config(): string {
    return readFileSync(join(this.dir, "stacks", "Pulumi.local.yaml"), "utf8");
  }

  /** What the stack file says of each service. */
  get services(): Readonly<Record<string, object>> {
    return (parse(this.config) as { config: Record<string, Record<string, object>> }).config["ftgo:services"] ?? {};
  }

  /** The stack by the Automation API; the same one always, since each has to look for its engine first. */
  get project(): Project {
    return (this.opened ??= openProject({
      stack: "local",
      projectDir: this.dir,
      env: this.variables,
      onProgress: (progress) => this.tell(JSON.stringify(progress)),
    }));
  }

  /** Edits the stack file without an update: `set({ "services.consumer.canary.weight": 5 })`. Undefined removes a key. */
  set(values: Readonly<Record<string, unknown>>): void {
    this.project.edit(toEdits(values));
  }

  /** Writes the file of a stack of a team's, in the mesh of this one and in a namespace of the stack's name. */
  writeTeam(stack: string, services: object): void {
    const config = {
      "pulumi:disable-default-providers": ["*"],
      "ftgo:cluster": { kind: "embedded" },
      "ftgo:namespace": stack,
      "ftgo:mesh": { install: false },
      "ftgo:services": services,
    };
    // Pulumi adds to it what decrypts the stack's secrets, in YAML.
    writeFileSync(join(this.dir, "stacks", `Pulumi.${stack}.yaml`), JSON.stringify({ config }, undefined, 2));
  }

  /** Brings everything to the stack file as it was made, with these edits. */
  async bring(values: Readonly<Record<string, unknown>> = {}): Promise<void> {
    writeFileSync(join(this.dir, "stacks", "Pulumi.local.yaml"), this.pristine);
    this.set(values);
    await this.project.up({ refresh: false });
    this.isUp = true;
  }

  /** Sees to it that FTGO runs, whatever else does: for tests that would only lose time by another start. */
  async ensureUp(): Promise<void> {
    if (!this.isUp) await this.bring();
  }

  /** Plain `pulumi` on the stack, in the shell that `ftgo env` gives. */
  pulumi(...args: string[]): Promise<Outcome> {
    return this.run("pulumi", [...args, "--stack", "local", "--non-interactive"], this.variables);
  }

  /** Plain `pulumi up`, which must succeed. */
  async up(...args: string[]): Promise<Outcome> {
    return succeeded(await this.pulumi("up", "--yes", "--skip-preview", ...args));
  }

  /** The `ftgo` command line, in any shell. */
  ftgo(...args: string[]): Promise<Outcome> {
    return this.run(process.execPath, [join(this.dir, "automation", "bin", "ftgo.js"), ...args], {
      XDG_CACHE_HOME: this.cache,
    });
  }

  /** A script of `examples/`, from a folder that has nothing to do with the checkout. */
  example(script: string, ...args: string[]): Promise<Outcome> {
    const command = ["-r", join(this.dir, "loader.js"), join(this.dir, "examples", script), ...args];
    return this.run(process.execPath, command, this.variables, tmpdir());
  }

  /** kubectl on the lab's own cluster, in namespace ftgo. */
  async kubectl(...args: string[]): Promise<string> {
    return succeeded(await this.run(this.tool("kubectl"), [...this.access, ...args], this.variables)).stdout;
  }

  /** istioctl on the lab's own cluster. */
  async istioctl(...args: string[]): Promise<Outcome> {
    const { istioctl } = await local.ensureTools(["istioctl"], this.tell);
    const kubeconfig = ["--kubeconfig", join(this.dir, ".ftgo", "kubeconfig")];
    return this.run(istioctl, [...kubeconfig, ...args], this.variables);
  }

  /** kubectl as a shell has it, on whatever the ambient KUBECONFIG names. */
  ambientKubectl(): Promise<Outcome> {
    return this.run(this.tool("kubectl"), ["get", "--raw", "/version"], this.variables);
  }

  /** All objects of a kind in a namespace; those of namespace ftgo by default. */
  async list<T = Record<string, unknown>>(kind: string, ...args: string[]): Promise<KubeObject<T>[]> {
    return (JSON.parse(await this.kubectl("get", kind, "-o", "json", ...args)) as { items: KubeObject<T>[] }).items;
  }

  /** The pods of a service, without those that are just going. */
  async pods<T = Record<string, unknown>>(app: string): Promise<KubeObject<T>[]> {
    const all = await this.list<T>("pods", "-l", `app=${app}`);
    return all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** One object of namespace ftgo. */
  async get<T = Record<string, unknown>>(kind: string, name: string): Promise<KubeObject<T>> {
    return JSON.parse(await this.kubectl("get", kind, name, "-o", "json")) as KubeObject<T>;
  }

  /** Arguments by which kubectl reaches the lab's cluster. */
  get access(): string[] {
    return ["--kubeconfig", join(this.dir, ".ftgo", "kubeconfig"), "--namespace", "ftgo"];
  }

  tool(name: string): string {
    return join(this.dir, ".ftgo", "bin", name);
  }

  private async run(file: string, args: string[], env: local.Variables, cwd = this.dir): Promise<Outcome> {
    const { exitCode, stdout, stderr } = await execa(file, args, { cwd, env, reject: false });
    // What kubectl prints is the cluster's affair, and has the Secret.
    if (!file.endsWith("kubectl")) this.tell(`${stdout}\n${stderr}`);
    return { exitCode, stdout, stderr };
  }

  private readonly tell = (text: string): void => void (this.transcript += `${text}\n`);
}

/** The outcome of a command that must have worked. */
export function succeeded(outcome: Outcome): Outcome {
  assert.equal(outcome.exitCode, 0, `${outcome.stdout}\n${outcome.stderr}`);
  return outcome;
}

/** Where the database password stands, as it is or encoded: in the state, an export of it, or what a command printed. */
export async function passwordIn(lab: Platform): Promise<string[]> {
  const printed = lab.transcript;
  const { stdout: password } = succeeded(await lab.pulumi("config", "get", "--path", "secrets.databasePassword"));
  lab.transcript = printed; // without the one command that was asked for it
  const encoded = await lab.kubectl("get", "secret", "ftgo-db-secret", "-o", "jsonpath={.data.password}");
  assert.ok(password.length >= 24);
  assert.equal(Buffer.from(encoded, "base64").toString(), password, "it is the one that the cluster has");
  const { stdout: state } = succeeded(await lab.pulumi("stack", "export"));
  assert.match(state, /ftgo-db-secret/);
  const backend = join(lab.dir, ".ftgo", "backend");
  assert.ok(filesThatHold("ftgo-db-secret", backend).length > 1, "the state and its history are there");
  const texts = Object.entries({ "stack export": state, "what commands printed": printed });
  return [
    ...texts.flatMap(([where, text]) => (holds(text, password) ? [where] : [])),
    ...filesThatHold(password, backend),
  ];
}

function restoreVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** Edits of a stack file by dotted paths. Undefined removes a key. */
export function toEdits(values: Readonly<Record<string, unknown>>): Edit[] {
  return Object.entries(values).map(([path, value]) => ({ path: path.split("."), value }));
}
