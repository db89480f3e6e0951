import { dirname } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { all } from "./commands";
import type { Context } from "./commands/context";
import { exitCodes } from "./errors";
import { lazy } from "./lazy";
import { errorDocument, reportError } from "./report-error";
import { processTerminal, type Terminal } from "./terminal/terminal";

/** Runs the command line of this process and sets its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  const stop = stopOnSignals(terminal);
  const context = { terminal, projectDir: dirname(__dirname), local: lazy.local, signal: stop };
  process.exitCode = await runCommandLine(args, context);
  // Everything is done; what the SDK may still hold open is not waited for.
  process.stdout.write("", () => process.exit());
}

/** Runs one command line and gives the exit code. */
export async function runCommandLine(args: readonly string[], context: Context): Promise<number> {
  const json = args.includes("--json");
  // What ends before its work has a result has not succeeded.
  process.exitCode = exitCodes.failed;
  try {
    await buildProgram(context).parseAsync([...args], { from: "user" });
    return process.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      // What is wrong is on stderr already.
      if (json) context.terminal.out(errorDocument("UsageError", error.message.replace(/^error: /, "")));
      return exitCodes.wrong;
    }
    return reportError(error, context.terminal, json);
  }
}

/** All commands. */
function buildProgram(context: Context): Command {
  const { terminal } = context;
  const program = new Command("ftgo")
    .description("Runs and releases FTGO: brings a stack to what its file says, and moves users between versions.")
    .addOption(
      new Option("-s, --stack <name>", "the stack: stacks/Pulumi.<name>.yaml").default("local").env("FTGO_STACK"),
    )
    .option("--json", "one JSON document on stdout, progress on stderr", false)
    .option("-y, --yes", "do not ask; needed for `destroy`, and for `up` of stacks that are not on this machine", false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showSuggestionAfterError()
    .showHelpAfterError("(`ftgo --help` shows all commands)")
    .exitOverride()
    .addHelpText("after", help);
  refuseTwice(program);
  for (const command of all(context)) program.addCommand(inherit(command, program, program.name()));
  return program;
}

/** Settings of the program that `addCommand` does not hand down. @param path by which the parent is called */
function inherit(command: Command, parent: Command, path: string): Command {
  const own = `${path} ${command.name()}`;
  command.copyInheritedSettings(parent).showHelpAfterError(`(\`${own} --help\` shows what it takes)`);
  refuseTwice(command);
  for (const child of command.commands) inherit(child, command, own);
  return command;
}

/** Of `--stack dev … --stack prod` only the last would count, without a word. Switches say the same each time. */
function refuseTwice(command: Command): void {
  const given = new Set<string>();
  for (const option of command.options.filter((each) => !each.isBoolean())) {
    command.on(`option:${option.name()}`, () => {
      const key = option.attributeName();
      if (given.has(key))
        command.error(`error: option '${option.flags}' says again what one before it has said; give one of them`);
      given.add(key);
    });
  }
}

/** The first Ctrl-C lets the engine end in order; the second one does not wait for it. */
function stopOnSignals(terminal: Terminal): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      terminal.err("\nstopping: what is in flight is ended in order (again: do not wait)\n");
      controller.abort();
    });
  }
  return controller.signal;
}

const help = `
Examples:
  $ npx ftgo demo                             everything on this machine, and the five release steps
  $ npx ftgo up                               bring stack local to what its file says
  $ npx ftgo promote consumer --weight 5      5 % of the users get the canary
  $ npx ftgo rollback consumer                nobody does
  $ eval "$(npx ftgo env)"                    plain pulumi, kubectl, helm and istioctl on stack local

Exit codes:
  0    done
  1    the operation was tried and failed, or the demo has lost a request
  2    wrong usage, or a config that cannot be used; nothing was changed
  3    something on this machine is missing or not running
  130  stopped by Ctrl-C or a signal`;
