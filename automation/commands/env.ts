import type { Command } from "commander";
import { UsageError } from "../errors";
import type { Context } from "./context";
import { define, handle } from "./run";

/** `ftgo env` */
export function envCommand(context: Context): Command {
  return define(
    "env",
    "Print what a shell needs so that plain pulumi, kubectl, helm and istioctl work on the local stack",
    ['eval "$(npx ftgo env)"'],
  ).action(
    handle(context, async (run) => {
      if (run.stack !== "local") {
        throw new UsageError(`env is for stack local; for stack ${run.stack} plain tools need nothing of ours`);
      }
      const local = context.local();
      await local.obtainShellTools(run.report);
      const variables = {
        ...local.environment(context.projectDir, run.report),
        PULUMI_STACK: "local",
        FTGO_STACK: "local",
      };
      // An ambient passphrase would win over the stack's own.
      return { text: `unset PULUMI_CONFIG_PASSPHRASE\n${exportLines(variables)}`, json: variables };
    }),
  );
}

/** Lines for a POSIX shell's `eval`. */
export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join("");
}
