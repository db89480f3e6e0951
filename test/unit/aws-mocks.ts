import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { passOverHooks } from "../../automation/mocks";
import { type Environment, keyPrefix, parseStackConfig } from "../../components/config";
import type { EksConfig } from "../../components/config/cluster";
import { secrets } from "./refusals";

/** A resource as a program has registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Record<string, unknown>;
  /** False for components, which exist in Pulumi alone. */
  readonly custom: boolean;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  /** Reference of the provider, `<urn>::<id>`. Empty for components. */
  readonly provider: string;
  /** URNs of what it depends on: by inputs, `dependsOn`, parent or provider. */
  readonly dependsOn: readonly string[];
}

/** What AWS or Kubernetes itself adds to a resource. */
const computed: Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>> = {
  "aws:eks/cluster:Cluster": (inputs) => ({
    arn: "arn:aws:eks:eu-central-1:123456789012:cluster/ftgo-test",
    endpoint: "https://cluster.example",
    certificateAuthority: { data: "Y2E=" },
    vpcConfig: { ...(inputs["vpcConfig"] as object), clusterSecurityGroupId: "sg-cluster" },
  }),
  "aws:eks/nodeGroup:NodeGroup": () => ({ resources: [{ autoscalingGroups: [{ name: "asg-nodes" }] }] }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 7 }),
  "aws:elb/loadBalancer:LoadBalancer": () => ({ name: "ftgo-elb", dnsName: "elb.example" }),
  "aws:lb/loadBalancer:LoadBalancer": () => ({ arn: "arn:nlb", dnsName: "nlb.example" }),
  "aws:lb/targetGroup:TargetGroup": () => ({ arn: "arn:target-group" }),
  "aws:iam/role:Role": (inputs) => ({ arn: `arn:role/${String(inputs["name"])}` }),
  "aws:kms/key:Key": () => ({ arn: "arn:key" }),
  "kubernetes:core/v1:Secret": (inputs) => ({
    metadata: { ...(inputs["metadata"] as object), resourceVersion: "resource-version" },
  }),
};

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
}
interface Response {
  getUrn(): string;
}
type Register = (request: Request, callback: (error: unknown, response?: Response) => void) => Promise<void>;

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a program under mocks and gives what it has registered. A look-up makes it fail. Programs run
 * one after another, because Pulumi has one monitor.
 */
export function record(program: () => unknown): Promise<Recording> {
  const run = last.then(() => recordAlone(program));
  last = run.catch(() => undefined);
  return run;
}

async function recordAlone(program: () => unknown): Promise<Recording> {
  const found: Registered[] = [];
  const lookUps: string[] = [];
  // By type and name: registrations overlap.
  const inputs = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: raw }) => {
        const given = raw as Record<string, unknown>;
        inputs.set(`${type} ${name}`, given);
        return { id: `${name}-id`, state: { ...given, ...computed[type]?.(given) } };
      },
      call: ({ token }) => {
        lookUps.push(token);
        throw new Error(`a program must not look anything up, and this one calls ${token}`);
      },
    },
    "ftgo",
    "test",
    false,
  );
  // Mocks are not told the dependencies; the requests that reach their monitor have them.
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
  passOverHooks(monitor);
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response) {
        const dependsOn = [...request.getDependenciesList(), request.getParent(), urnOf(request.getProvider())];
        found.push({
          type: request.getType(),
          name: request.getName(),
          urn: response.getUrn(),
          inputs: inputs.get(`${request.getType()} ${request.getName()}`) ?? {},
          custom: request.getCustom(),
          protect: request.getProtect(),
          ignoreChanges: request.getIgnorechangesList(),
          provider: request.getProvider(),
          dependsOn: dependsOn.filter((urn) => urn !== ""),
        });
      }
      callback(error, response);
    });
  await program();
  await pulumi.runtime.disconnect();
  if (lookUps.length > 0) throw new Error(`the program has looked up ${lookUps.join(", ")}`);
  return new Recording(found);
}

/** What a program has registered, to ask questions of. */
export class Recording {
  constructor(readonly all: readonly Registered[]) {}

  /** Resources of a type, given without its package and module: `Subnet`. */
  ofType(type: string): Registered[] {
    return this.all.filter((resource) => resource.type.endsWith(`:${type}`));
  }

  /** The resource of that name. */
  get(name: string): Registered {
    const matches = this.all.filter((resource) => resource.name === name);
    const [match] = matches;
    if (match === undefined || matches.length > 1) {
      const names = this.all.map((resource) => resource.name).join("\n  ");
      throw new Error(`${matches.length} resources are named ${name}; there are\n  ${names}`);
    }
    return match;
  }

  /** Whether one resource is made after another, be there an edge in the state or not. */
  isLater(later: string, earlier: string): boolean {
    return this.all.indexOf(this.get(later)) > this.all.indexOf(this.get(earlier));
  }

  /** Whether one resource is made after another, and so goes before it at a destroy. */
  isAfter(later: string, earlier: string): boolean {
    const target = this.get(earlier).urn;
    const seen = new Set<string>();
    const open = [...this.get(later).dependsOn];
    for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
      if (urn === target) return true;
      if (seen.has(urn)) continue;
      seen.add(urn);
      open.push(...(this.all.find((resource) => resource.urn === urn)?.dependsOn ?? []));
    }
    return false;
  }
}

/** The value of an output, once known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** A committed stack file's `ftgo:` values, without the prefix, and with passwords added. */
export function rawStack(stack: string): Record<string, unknown> {
  const text = readFileSync(join(__dirname, `../../stacks/Pulumi.${stack}.yaml`), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  const ours = Object.entries(config).filter(([key]) => key.startsWith(keyPrefix));
  const values = Object.fromEntries(ours.map(([key, value]) => [key.slice(keyPrefix.length), value]));
  return { ...values, secrets };
}

export function stack(name: string): Environment {
  return parseStackConfig(rawStack(name), `stacks/Pulumi.${name}.yaml`);
}

/** The smallest EKS config, with `given` over it, checked and with all defaults. */
export function eksConfig(given: Record<string, unknown> = {}): EksConfig {
  const cluster = {
    kind: "eks",
    name: "ftgo-test",
    region: "eu-central-1",
    admins: ["arn:aws:iam::123456789012:role/deployer"],
    ...given,
  };
  const environment = parseStackConfig({ ...rawStack("local.example"), cluster }, "test");
  if (environment.cluster.kind !== "eks") throw new Error("not an EKS cluster");
  return environment.cluster;
}

function urnOf(provider: string): string {
  return provider.replace(/::[^:]*$/, "");
}
