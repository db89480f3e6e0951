import { randomBytes } from "node:crypto";
import { stringify } from "yaml";
import { loginAnnotation, secretsAnnotation, type Service } from "../components/config";
import { passOverHooks } from "./mocks";
import { loadProgram } from "./program";
import { readSettings, type StackFile } from "./stack-file";

/** A Kubernetes object as `kubectl apply` takes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; ownerReferences?: unknown };
  readonly spec?: { readonly template?: { readonly metadata?: { readonly annotations?: Record<string, string> } } };
}

/** What the program registers for one service. */
export interface ServiceManifests {
  /** Objects that can be applied as they are. */
  readonly objects: readonly Manifest[];
  /** Objects that hold secret values and are left out for it, as `Secret ftgo-db-secret`. */
  readonly withheld: readonly string[];
}

/**
 * The Kubernetes objects of one service, by running the program without an engine or a cluster. The program gets random
 * texts in the place of secrets, so that no secret can be in what it makes.
 *
 * It sets global state of the Pulumi SDK: nothing else may use the engine in the same process.
 */
export async function serviceManifests(
  projectDir: string,
  file: StackFile,
  service: Service,
): Promise<ServiceManifests> {
  const secret = `withheld-${randomBytes(12).toString("hex")}`;
  const traces = [secret, Buffer.from(secret).toString("base64")];
  const all = await registered(projectDir, file, secret);
  const own = all.filter(({ name }) => name.startsWith(`${service.name}/`)).map(({ object }) => object);
  const holdsSecret = (object: Manifest) => traces.some((trace) => JSON.stringify(object).includes(trace));
  const named = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
  return {
    objects: own.filter((object) => !holdsSecret(object)).map(applicable),
    withheld: own.filter(holdsSecret).map(named),
  };
}

/**
 * Without what is not known here: which secrets pods use (those that run keep theirs, others would roll them), and the cluster's
 * id of an owner.
 */
function applicable(object: Manifest): Manifest {
  const copy = structuredClone(object);
  for (const name of [loginAnnotation, secretsAnnotation]) delete copy.spec?.template?.metadata?.annotations?.[name];
  delete copy.metadata.ownerReferences;
  return copy;
}

/** The objects as one YAML file. */
export function printManifests({ objects, withheld }: ServiceManifests): string {
  const documents = objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }));
  const notes = withheld.map((name) => `# ${name} is left out: it holds secret values. \`ftgo up\` makes it.\n`);
  return `${notes.join("")}${documents.map((document) => `---\n${document}`).join("")}`;
}

interface Registered {
  /** Logical name, such as `ftgo-consumer-service/v1`. */
  readonly name: string;
  readonly object: Manifest;
}

async function registered(projectDir: string, file: StackFile, secret: string): Promise<Registered[]> {
  const { runtime } = await import("@pulumi/pulumi");
  const objects: Registered[] = [];
  const { values, secretKeys } = engineConfig(file, secret);
  runtime.setAllConfig(values, secretKeys);
  await runtime.setMocks(
    {
      newResource: ({ name, type, inputs, id }) => {
        const given = plain(inputs) as Record<string, unknown>;
        if (isManifest(given) && type.startsWith("kubernetes:")) objects.push({ name, object: ordered(given) });
        return { id: id === "" || id === undefined ? name : id, state: given };
      },
      call: ({ token }) => (token === "kubernetes:helm:template" ? { result: [] } : {}),
    },
    "ftgo",
    file.stack,
  );
  passOverHooks(runtime.getMonitor());
  const program = loadProgram(projectDir);
  await runtime.runInPulumiStack(() => Promise.resolve(program()));
  await runtime.disconnect();
  return objects;
}

/** The stack's config as the engine hands it to a program, with `secret` in the place of every encrypted value. */
function engineConfig(file: StackFile, secret: string): { values: Record<string, string>; secretKeys: string[] } {
  const secretKeys: string[] = [];
  const config = (readSettings(file)["config"] ?? {}) as Record<string, unknown>;
  const values = Object.entries(config).map(([key, given]) => {
    const value = sortedByKey(given);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const open = JSON.stringify(value, (_, part: unknown) => (isEncrypted(part) ? secret : part));
    if (open !== JSON.stringify(value)) secretKeys.push(key);
    return [key, open === JSON.stringify(value) ? text : open];
  });
  return { values: Object.fromEntries(values) as Record<string, string>, secretKeys };
}

/** As the engine hands maps on: a program sees containers and variables in the order of their names. */
function sortedByKey(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedByKey);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, sortedByKey(part)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

/** Pulumi's wrapper for secret properties, whose value is a stand-in here, taken off. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value && "value" in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function isManifest(value: Record<string, unknown>): value is Record<string, unknown> & Manifest {
  return typeof value["apiVersion"] === "string" && typeof value["kind"] === "string";
}

/** In the order in which people write them. */
function ordered({ apiVersion, kind, metadata, ...rest }: Manifest): Manifest {
  return { apiVersion, kind, metadata, ...rest };
}
