import assert from "node:assert/strict";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { openProject, type Project } from "../../automation";
import type { Variables } from "../../local";
import { type KubeObject, type Platform, toEdits } from "./platform-lab";
import { Running } from "./running";

/** What the `ftgo` of a project needs of the checkout. */
const sources = ["automation", "components", "loader.js", "package.json"];

/** The product's own, for the services of a team, or one of `programs/`. */
type Program = "team" | "row" | "release";

/** Names of objects for the program `row`. */
export const items = ["item-a", "item-b", "item-c", "item-d", "item-e"];

/** An object that the program `row` makes. */
export type ConfigMap = KubeObject & { readonly data: { readonly image?: string } };

/** A stack of its own on the cluster of the platform's lab, in whose mesh its services are: so an update takes a second. */
export class Services {
  readonly dir: string;
  private opened?: Project;

  private constructor(
    private readonly lab: Platform,
    /** Name of the stack, and of its namespace. */
    readonly name: string,
    private readonly program: Program,
  ) {
    this.dir = join(lab.dir, this.name);
  }

  static async open(lab: Platform, name: string, program: Program = "team"): Promise<Services> {
    if (program === "team") await lab.ensureUp(); // they are of a mesh
    const services = new Services(lab, name, program);
    await services.make();
    return services;
  }

  private async make(): Promise<void> {
    mkdirSync(join(this.dir, "stacks"), { recursive: true });
    symlinkSync(join(this.lab.dir, "node_modules"), join(this.dir, "node_modules"));
    for (const name of sources) cpSync(join(this.lab.dir, name), join(this.dir, name), { recursive: true });
    const program = this.program === "team" ? join(this.lab.dir, "index") : join(__dirname, "programs", this.program);
    writeFileSync(join(this.dir, "index.js"), `module.exports = require(${JSON.stringify(program)});\n`);
    const runtime = "runtime: { name: nodejs, options: { typescript: false, nodeargs: --require=./loader.js } }";
    writeFileSync(join(this.dir, "Pulumi.yaml"), `name: ftgo\nmain: index.js\nstackConfigDir: stacks\n${runtime}\n`);
    const kubeconfig = JSON.stringify(join(this.lab.dir, ".ftgo", "kubeconfig"));
    const context = (await this.lab.kubectl("config", "current-context")).trim();
    const file = `config:
  pulumi:disable-default-providers: ["*"]
  ftgo:cluster: { kind: kubeconfig, path: ${kubeconfig}, context: ${context} }
  ftgo:namespace: ${this.name}
  ftgo:mesh: { install: false }
  ftgo:services: {}
`;
    writeFileSync(join(this.dir, "stacks", `Pulumi.${this.name}.yaml`), file);
    await this.pulumi(["stack", "init", "--secrets-provider", "passphrase", "--no-select"]);
  }

  /** Arguments of node that run this project's own `ftgo` on the stack. */
  ftgo(...args: string[]): string[] {
    return [join(this.dir, "automation", "bin", "ftgo.js"), ...args, "--stack", this.name];
  }

  /** Variables of the shell that it runs in. */
  get variables(): Variables {
    return this.lab.variables;
  }

  /** The project's own `ftgo up`, in the shell that `ftgo env` gives. */
  ftgoUp(): Running {
    return new Running(this.ftgo("up", "--yes", "--no-refresh"), { env: { ...process.env, ...this.variables } });
  }

  /** Gives objects of the program `row` another image, without an update. */
  setRow(image: string, names: readonly string[] = items): void {
    this.set(Object.fromEntries(names.map((name) => [`services.${name}`, { image }])));
  }

  /** What the program `row` has made, in the order of their names. */
  async row(): Promise<ConfigMap[]> {
    const found = (await this.lab.list("configmaps", "-n", this.name)) as ConfigMap[];
    return found.filter(({ data }) => data.image !== undefined);
  }

  /** The stack by the Automation API; the same one always, since each has to look for its engine first. */
  get project(): Project {
    return (this.opened ??= openProject({ stack: this.name, projectDir: this.dir, env: this.lab.variables }));
  }

  /** Edits the stack file without an update. Undefined removes a key. */
  set(values: Readonly<Record<string, unknown>>): void {
    this.project.edit(toEdits(values));
  }

  /** Plain `pulumi`, which must succeed. */
  async pulumi(args: readonly string[]): Promise<void> {
    const options = { cwd: this.dir, env: this.lab.variables, reject: false } as const;
    const done = await execa("pulumi", [...args, "--stack", this.name, "--non-interactive"], options);
    assert.equal(done.exitCode, 0, `${done.stdout}\n${done.stderr}`);
  }
}
