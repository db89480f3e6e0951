import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { environment } from "./environment";
import { LocalError } from "./errors";
import { makePrivateFolder, readIfThere, writeWhole } from "./files";
import { withLock } from "./lock";
import { projectPaths } from "./paths";
import type { Report } from "./report";
import { run, type Variables } from "./run";
import type { ToolName } from "./tools";
import { ensureTools } from "./tools";

/** What the commands on stack local call; kubectl tells what runs. */
export const stackTools: ToolName[] = ["pulumi", "pulumi-resource-kubernetes", "kubectl"];

/** Name of the local stack. */
const stackName = "local";

/** What we look at in a stack file. */
interface StackFile {
  encryptionsalt?: string;
  config?: { "ftgo:secrets"?: Partial<Record<string, { secure?: string }>> };
}

/** Secrets of the stack, which are made up when they are missing. */
const secrets = ["databasePassword", "databaseAdminPassword"];

/**
 * Makes the local stack: its passphrase, its state backend, `stacks/Pulumi.local.yaml` from the committed example, and in it
 * generated passwords of the database, encrypted. Does what is missing, so that it may be killed at any moment and run again.
 * @throws LocalError when the passphrase of an existing stack file is gone
 */
export async function prepareStack(projectDir: string, report: Report): Promise<void> {
  const paths = projectPaths(projectDir);
  const { pulumi } = await ensureTools(stackTools, report);
  makePrivateFolder(paths.root);
  const onWait = () => report("Another command is preparing stack local: waiting for it.");
  await withLock(join(paths.root, "stack-lock"), "preparing stack local", onWait, async () => {
    const env = environment(projectDir, report);
    const file = join(projectDir, "stacks", `Pulumi.${stackName}.yaml`);
    makeStackFile(projectDir, file);
    makePassphrase(projectDir, file);
    const cli = (args: string[], input?: string) => pulumiCommand(pulumi, args, { cwd: projectDir, env, input });
    if (!isInBackend(projectDir)) {
      report("Making stack local …");
      await cli(["stack", "init", stackName, "--secrets-provider", "passphrase", "--no-select"]);
    }
    const given = read(file)?.config?.["ftgo:secrets"];
    for (const name of secrets.filter((each) => given?.[each]?.secure === undefined)) {
      const password = randomBytes(18).toString("base64url");
      // On standard input: arguments can be read by every user of the machine.
      await cli(["config", "set", "--stack", stackName, "--secret", "--path", `secrets.${name}`], password);
    }
  });
}

function makeStackFile(projectDir: string, file: string): void {
  if (existsSync(file)) return;
  const example = readIfThere(join(projectDir, "stacks", `Pulumi.${stackName}.example.yaml`));
  writeWhole(file, example ?? "config:\n  ftgo:cluster: { kind: embedded }\n");
}

function makePassphrase(projectDir: string, file: string): void {
  const { root, passphrase } = projectPaths(projectDir);
  if (existsSync(passphrase)) return;
  if (read(file)?.encryptionsalt !== undefined || isInBackend(projectDir))
    throw new LocalError(
      `The passphrase of stack local, ${passphrase}, is gone, so its secrets cannot be read any more.\n` +
        "Put it back if you have a copy. If not, start anew, with an empty cluster and another database password:\n" +
        `    npx ftgo local stop && rm -r ${root} ${file}`,
    );
  writeWhole(passphrase, randomBytes(24).toString("base64url"));
}

/** @throws LocalError for what is no YAML. It does not say what stands there: that may be a password. */
function read(file: string): StackFile | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return (parse(text) ?? {}) as StackFile;
  } catch {
    throw new LocalError(`${file} is not YAML that can be read; \`npx ftgo config check\` says where.`);
  }
}

/** Whether the file backend has the stack: a look at its folder saves half a second of CLI at every command. */
function isInBackend(projectDir: string): boolean {
  const project = parse(readIfThere(join(projectDir, "Pulumi.yaml")) ?? "") as { name?: string } | null;
  const stacks = join(projectPaths(projectDir).backend, ".pulumi", "stacks", project?.name ?? "");
  return existsSync(join(stacks, `${stackName}.json`));
}

async function pulumiCommand(
  pulumi: string,
  args: string[],
  options: { cwd: string; env: Variables; input?: string | undefined },
): Promise<void> {
  const done = await run(pulumi, [...args, "--non-interactive"], options);
  if (done.code !== 0)
    throw new LocalError(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${(done.stderr || done.stdout).trim()}`);
}
