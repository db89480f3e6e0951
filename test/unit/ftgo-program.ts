import * as pulumi from "@pulumi/pulumi";
import program from "../../index";
import { record, type Recording, type Registered } from "./aws-mocks";

/** The database password in every run of the program. */
export const password = "correct-horse-battery-staple";
export const adminPassword = "over-the-hills-and-far-away";

/** The smallest config of a stack: everything else has its default. */
export const smallest = {
  cluster: { kind: "embedded" },
  services: { restaurant: {}, consumer: {}, gateway: {} },
  mesh: { charts: "charts" },
};

/** An object of the cluster as it was registered. */
export interface ClusterObject extends Registered {
  readonly kind: string;
  /** Its `metadata.name`. */
  readonly object: string;
}

const runs = new Map<string, Promise<Recording>>();

/** What index.ts registers for a stack's `ftgo:` values, over those of `smallest`. Each config is run once. */
export function ftgo(values: Record<string, unknown> = {}): Promise<Recording> {
  const key = JSON.stringify(values);
  const run = runs.get(key) ?? runProgram(values);
  runs.set(key, run);
  return run;
}

/** One run of `ftgo`. It may look nothing up. @param look gets the program's outputs @param only as of the program */
export function runProgram(
  values: Record<string, unknown>,
  look: (outputs: unknown) => void = () => undefined,
  only?: readonly string[],
): Promise<Recording> {
  return record(() => {
    pulumi.runtime.setAllConfig(asEngine({ ...smallest, ...values }), ["ftgo:secrets"]);
    look(program(only));
  });
}

/** Values as Pulumi's engine hands them over: in texts, structured ones as JSON, secrets decrypted. */
function asEngine(values: Record<string, unknown>): Record<string, string> {
  const all = Object.entries({
    secrets: { databasePassword: password, databaseAdminPassword: adminPassword },
    ...values,
  });
  return Object.fromEntries(
    all.map(([key, value]) => [`ftgo:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** Every object of the cluster that a program registers; a release of Helm's is none, but makes some. */
export function clusterObjects({ all }: Recording): ClusterObject[] {
  return all
    .filter(({ type, custom }) => custom && /^kubernetes:(?!helm)/.test(type))
    .map((resource) => {
      const { kind, metadata } = resource.inputs as { kind: string; metadata?: { name?: string } };
      return { ...resource, kind, object: metadata?.name ?? "" };
    });
}
