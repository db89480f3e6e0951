import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, parseDocument, visit } from "yaml";
import { ConfigError, type Environment, keyPrefix, parseStackConfig } from "../components/config";
import { closest } from "../components/config/problems";
import { UsageError } from "./errors";
import { editYaml, type Path } from "./yaml-edit";
import { yamlProblem } from "./yaml-problems";
import { readerProblems, shapeProblems } from "./yaml-readers";

/** One change of a stack file: a value to set, or undefined to remove the key. */
export interface Edit {
  /** Keys below `ftgo:`, such as `["services", "consumer", "canary", "weight"]`. */
  readonly path: Path;
  readonly value: unknown;
}

/** A stack's file as it was read. */
export interface StackFile {
  readonly stack: string;
  /** Absolute path. */
  readonly path: string;
  /** What messages call it: the path from the project's folder. */
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the file of a stack.
 * @throws UsageError when there is no such stack, with the ones that there are
 */
export function readStackFile(projectDir: string, stack: string): StackFile {
  if (!/^[\w.-]+$/.test(stack)) {
    const name = JSON.stringify(stack);
    throw new UsageError(`${name} is no name of a stack; use letters, digits, '_', '.' and '-', as in stacks/`);
  }
  const path = join(projectDir, "stacks", `Pulumi.${stack}.yaml`);
  // A link that leads nowhere is there, and cannot be read.
  if (!lstatSync(path, { throwIfNoEntry: false })) throw new UsageError(noSuchStack(projectDir, stack));
  const name = relative(projectDir, path);
  return { stack, path, name, text: readText(path, name) };
}

function readText(path: string, name: string): string {
  const bytes = access(`${name} cannot be read`, () => readFileSync(path));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name} is no text in UTF-8; save it in that encoding. Nothing was changed`);
  }
}

/**
 * Checks what a stack file says.
 * @throws ConfigError with every problem at once; UsageError when it is not YAML
 */
export const toEnvironment: (file: StackFile) => Environment = remembering((file) => {
  const document = parse(file);
  const found = [...shapeProblems(document), ...readerProblems(document)];
  if (!isMap(document.get("config"))) throw new ConfigError(found, file.name);
  return parseStackConfig(readConfig(file), file.name, { found, stack: file.stack });
});

/**
 * Keeps what has been made of the newest texts: an operation looks at its file again before each of its steps, and nearly always
 * finds what it knows, of which a large stack's takes a tenth of a second.
 */
function remembering<Made>(make: (file: StackFile) => Made): (file: StackFile) => Made {
  let known: readonly { readonly file: StackFile; readonly made: Made }[] = [];
  return (file) => {
    const same = known.find((each) => each.file.path === file.path && each.file.text === file.text);
    if (same !== undefined) return same.made;
    const made = make(file);
    known = [{ file, made }, ...known.slice(0, 1)]; // before an edit and after it
    return made;
  };
}

/** Reads and checks a stack's file. */
export function loadEnvironment(projectDir: string, stack: string): Environment {
  return toEnvironment(readStackFile(projectDir, stack));
}

/** The values of the file's `ftgo:` keys, without the prefix; secrets stay encrypted. */
export function readConfig(file: StackFile): Record<string, unknown> {
  const { config } = readSettings(file);
  const entries = Object.entries((config ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter(([key]) => key.startsWith(keyPrefix)).map(([key, value]) => [key.slice(keyPrefix.length), value]),
  );
}

/** Everything in the file: `config`, `secretsprovider`, `encryptionsalt`. */
export function readSettings(file: StackFile): Record<string, unknown> {
  const document = parse(file);
  try {
    requireAnEnd(document);
    return (document.toJS() ?? {}) as Record<string, unknown>;
  } catch (error) {
    // An alias that stands for nothing, or for too much: the library finds out only when it looks.
    if (!(error instanceof ReferenceError)) throw error;
    throw new UsageError(`${file.name} has an alias that cannot be used; write its value out\n  ${error.message}`);
  }
}

/** @throws ReferenceError, as the library does, for an alias that stands for what it is part of */
function requireAnEnd(document: Document): void {
  visit(document, {
    Alias: (_, alias, ancestors) => {
      const source = alias.resolve(document);
      if (source !== undefined && ancestors.includes(source)) {
        throw new ReferenceError(`*${alias.source} stands inside of what it stands for`);
      }
    },
  });
}

const parse: (file: StackFile) => Document = remembering((file) => {
  const document = parseDocument(file.text, { logLevel: "error" });
  const problem = yamlProblem(file.text, document);
  if (problem === undefined) return document;
  throw new UsageError(`${file.name} is not YAML that can be read; nothing was changed\n  ${problem}`);
});

/**
 * The file with edits applied, not yet written.
 * @throws UsageError when it is not YAML
 */
export function editStackFile(file: StackFile, edits: readonly Edit[]): StackFile {
  parse(file);
  const text = edits.reduce((edited, { path, value }) => {
    const [top = "", ...below] = path;
    return editYaml(edited, ["config", keyPrefix + top, ...below], value);
  }, file.text);
  return { ...file, text };
}

/** Those of the edits that change what the file says. */
export function changing(file: StackFile, edits: readonly Edit[]): Edit[] {
  const config = readConfig(file);
  return edits.filter(({ path, value }) => {
    const now = path.reduce<unknown>((map, key) => (map as Record<string, unknown> | undefined)?.[key], config);
    return !isDeepStrictEqual(now, value);
  });
}

/** How often an edit is made again in what another hand has written meanwhile. */
const attempts = 5;

/**
 * Edits and checks a stack's file. What another hand writes into it meanwhile is kept.
 * @returns takes the edits back, unless another hand has written the file since
 * @throws ConfigError when the result could not be used; UsageError when it cannot be written. The file is then as it was
 */
export function changeStackFile(projectDir: string, stack: string, edits: readonly Edit[]): () => void {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = readStackFile(projectDir, stack);
    const after = editStackFile(before, edits);
    toEnvironment(after);
    if (writeStackFile(after, before.text)) return () => void writeStackFile(before, after.text);
  }
  throw new UsageError(`stacks/Pulumi.${stack}.yaml is being written by another program all the time; try again later`);
}

/**
 * Writes the file in one step: whoever reads it sees the old text or the new one, whenever this process is killed.
 * @param before what it is thought to hold
 * @returns false when it holds something else: another hand has written it
 * @throws UsageError when it may not be written
 */
export function writeStackFile(file: StackFile, before: string): boolean {
  return access(`${file.name} cannot be written`, () => {
    const target = realpathSync(file.path);
    // Another file takes its place, so nothing else would stop the change of one that is to stay.
    accessSync(target, constants.W_OK);
    return file.text === before || replace(target, file.text, before);
  });
}

function replace(target: string, text: string, before: string): boolean {
  const fresh = join(dirname(target), `.${basename(target)}.${process.pid}.new`);
  try {
    writeFileSync(fresh, text);
    chmodSync(fresh, statSync(target).mode & 0o7777);
    if (!readFileSync(target).equals(Buffer.from(before))) return false;
    renameSync(fresh, target);
    return true;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** What the system says against it is a person's to mend: `failed` begins the sentence. */
function access<T>(failed: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UsageError(`${failed}; nothing was changed\n  ${error.message}`);
  }
}

function noSuchStack(projectDir: string, stack: string): string {
  const stacks = listStacks(projectDir);
  if (stack === "local") return "stacks/Pulumi.local.yaml is not there yet; `npx ftgo local start` makes it";
  return `there is no stacks/Pulumi.${stack}.yaml, so no stack "${stack}"${closest(stack, stacks)}`;
}

function listStacks(projectDir: string): string[] {
  const folder = join(projectDir, "stacks");
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return [...new Set(["local", ...files.flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? [])])];
}
