import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { type EngineEvent, LocalWorkspace, type PulumiFn, Stack } from "@pulumi/pulumi/automation";
import * as local from "../../local";
import { Lab } from "./cluster-lab";

/** What an update did, or would do: `create a`, `replace b`, in the order of the engine; what stays the same is left out. */
export interface Run {
  readonly steps: string[];
  /** What it said, errors and warnings too. */
  readonly text: string;
  /** Whether it succeeded. */
  readonly ok: boolean;
  /** Paths of properties by resource that a preview or update says it changes. */
  readonly diffs: Readonly<Record<string, string[]>>;
}

type Program = (provider: k8s.Provider, namespace: string) => unknown;

/**
 * The real engine and a real API server around whatever `pulumi-resource-kubernetes` is on PATH: the stand-in where the
 * official one cannot be had, else the official one.
 */
export class ProviderLab {
  readonly cluster = new Lab();
  private env: Record<string, string> = {};
  private readonly ambientPath = process.env["PATH"];
  private count = 0;

  async start(): Promise<void> {
    await this.cluster.start();
    await local.ensureTools(["pulumi", "helm"], this.cluster.report);
    const { projectDir } = this.cluster;
    this.env = {
      ...(await local.environment(projectDir)),
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      KUBECONFIG: "/dev/null",
    };
    delete this.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    // The Automation API looks for the CLI where this process would.
    process.env["PATH"] = this.env["PATH"];
    writeFileSync(join(projectDir, "Pulumi.yaml"), "name: conformance\nruntime: nodejs\n");
  }

  async remove(): Promise<void> {
    process.env["PATH"] = this.ambientPath;
    await this.cluster.remove();
  }

  stateFile(stack: string): string {
    const folder = join(this.cluster.projectDir, ".ftgo", "backend", ".pulumi", "stacks", "conformance");
    return join(folder, `${stack}.json`);
  }

  get kubeconfig(): string {
    return readFileSync(join(this.cluster.projectDir, ".ftgo", "kubeconfig"), "utf8");
  }

  /** A stack with a namespace, both of its own. @param args of its provider */
  async stack(args: k8s.ProviderArgs = {}): Promise<ProviderStack> {
    const name = `case${(this.count += 1)}`;
    await this.cluster.kubectl("create", "namespace", name);
    const options = { workDir: this.cluster.projectDir, envVars: this.env, program: () => Promise.resolve() };
    const workspace = await LocalWorkspace.create(options);
    const stack = await Stack.create(name, workspace);
    return new ProviderStack(this, stack, name, { kubeconfig: this.kubeconfig, ...args });
  }
}

/** One stack, run with one program after another. */
export class ProviderStack {
  private program: Program = () => undefined;

  constructor(
    private readonly lab: ProviderLab,
    readonly stack: Stack,
    readonly namespace: string,
    private args: k8s.ProviderArgs,
  ) {}

  /** Takes other arguments for its provider from now on. */
  reconfigure(args: k8s.ProviderArgs): void {
    this.args = { ...this.args, ...args };
  }

  up(program?: Program): Promise<Run> {
    return this.run(program, (onEvent) => this.stack.up({ onEvent }));
  }

  preview(program?: Program): Promise<Run> {
    return this.run(program, (onEvent) => this.stack.preview({ onEvent }));
  }

  refresh(): Promise<Run> {
    return this.run(undefined, (onEvent) => this.stack.refresh({ onEvent }));
  }

  destroy(): Promise<Run> {
    return this.run(undefined, (onEvent) => this.stack.destroy({ onEvent }));
  }

  /** kubectl in its namespace. */
  kubectl(...args: string[]): Promise<string> {
    return this.lab.cluster.kubectl("--namespace", this.namespace, ...args);
  }

  /** A field of an object in its namespace. */
  field(kind: string, name: string, path: string): Promise<string> {
    return this.kubectl("get", kind, name, "-o", `jsonpath=${path}`);
  }

  /** The state as it is kept. */
  state(): string {
    return readFileSync(this.lab.stateFile(this.stack.name), "utf8");
  }

  outputs(): Promise<Record<string, { value: unknown; secret: boolean }>> {
    return this.stack.outputs();
  }

  private async run(
    program: Program | undefined,
    operate: (onEvent: (event: EngineEvent) => void) => Promise<unknown>,
  ) {
    if (program) this.program = program;
    this.stack.workspace.program = this.inline();
    const events: EngineEvent[] = [];
    const ok = await operate((event) => events.push(event)).then(
      () => true,
      () => false,
    );
    return { ok, ...summary(events) };
  }

  private inline(): PulumiFn {
    return () => {
      const provider = new k8s.Provider("provider", this.args);
      return Promise.resolve(this.program(provider, this.namespace)) as ReturnType<PulumiFn>;
    };
  }
}

function summary(events: readonly EngineEvent[]): Omit<Run, "ok"> {
  const steps: string[] = [];
  const diffs: Record<string, string[]> = {};
  const said: string[] = [];
  for (const { resourcePreEvent, diagnosticEvent } of events) {
    // What the SDK says for debugging alone holds secrets.
    if (diagnosticEvent && (diagnosticEvent.severity as string) !== "debug") said.push(diagnosticEvent.message);
    const metadata = resourcePreEvent?.metadata;
    if (metadata === undefined || metadata.op === "same" || metadata.type.startsWith("pulumi:")) continue;
    const name = metadata.urn.split("::").at(-1) ?? "";
    steps.push(`${metadata.op} ${name}`);
    if (metadata.detailedDiff) diffs[name] = Object.keys(metadata.detailedDiff);
  }
  return { steps, diffs, text: said.join("\n") };
}
