import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "../../automation/cli";
import type { Context } from "../../automation/commands/context";

export const stackFile = `config:
  ftgo:cluster: { kind: kubeconfig, context: nowhere }
  ftgo:services:
    restaurant: { image: r:1 }
    consumer:
      versions: { v1: { image: c:1 }, v2: { image: c:2 } }
      stable: v1
      canary: { version: v2, weight: 5 } # promote here
  ftgo:secrets: { databasePassword: { secure: v1:x }, databaseAdminPassword: { secure: v1:y } }
`;

/** A folder with one stack, `mine`, on which command lines are run in this process. */
export class CommandLine {
  readonly projectDir = mkdtempSync(join(tmpdir(), "ftgo-test-"));
  readonly stackPath = join(this.projectDir, "stacks", "Pulumi.mine.yaml");

  constructor() {
    mkdirSync(join(this.projectDir, "stacks"));
    writeFileSync(this.stackPath, stackFile);
  }

  remove(): void {
    rmSync(this.projectDir, { recursive: true });
  }

  async run(args: string | readonly string[], more: Partial<Context> & { answer?: boolean } = {}) {
    const output = { out: "", err: "" };
    const context: Context = {
      terminal: {
        out: (text) => void (output.out += text),
        err: (text) => void (output.err += text),
        live: more.answer !== undefined,
        color: false,
        confirm: () => Promise.resolve(more.answer),
      },
      projectDir: this.projectDir,
      local: () => assert.fail("local/ is not for this command"),
      signal: new AbortController().signal,
      ...more,
    };
    const code = await runCommandLine(typeof args === "string" ? args.split(" ") : args, context);
    process.exitCode = undefined;
    return { code, ...output };
  }
}
