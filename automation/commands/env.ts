import type { Command } from "commander";
import type { Variables } from "../../local";
import { withLoopback } from "../engine-environment";
import { UsageError } from "../errors";
import type { Context } from "./context";
import { define, handle, untilStopped } from "./run";

/** `ftgo env` */
export function envCommand(context: Context): Command {
  return define(
    "env",
    "Print what a shell needs so that plain pulumi, kubectl, helm and istioctl work on the local stack",
    ['eval "$(npx ftgo env)"'],
  ).action(
    handle(context, async (run) => {
      if (run.stack !== "local") {
        throw new UsageError(
          `env is for stack local; for stack ${run.stack} install pulumi and kubectl, and use a shell without the local stack's variables`,
        );
      }
      const local = context.local();
      const obtain = () => local.obtainShellTools(run.report);
      await untilStopped(context, obtain, "tools that are whole are kept, the next command gets the others");
      const variables = {
        ...local.environment(context.projectDir, run.report),
        PULUMI_STACK: "local",
        FTGO_STACK: "local",
        no_grpc_proxy: withLoopback(process.env),
      };
      const nulls = Object.entries(variables).map(([name, value]) => [name, value ?? null] as const);
      return { text: shellLines(variables), json: Object.fromEntries(nulls) };
    }),
  );
}

/** Lines for a POSIX shell's `eval`. */
export function shellLines(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) =>
      value === undefined ? `unset ${name}\n` : `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`,
    )
    .join("");
}
