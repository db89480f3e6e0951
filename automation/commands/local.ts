import { type Command, InvalidArgumentError } from "commander";
import { exitCodes } from "../errors";
import { table } from "../terminal/text";
import type { Context, LocalApi } from "./context";
import { define, handle, startsByItself, untilStopped } from "./run";

type ClusterStatus = Awaited<ReturnType<LocalApi["status"]>>;

/** `ftgo local start|stop|status|logs` */
export function localCommand(context: Context): Command {
  return define("local", "The cluster on this machine that stack local runs on", [
    "ftgo local start",
    "ftgo local logs istiod",
  ])
    .addCommand(startCommand(context))
    .addCommand(stopCommand(context))
    .addCommand(localStatusCommand(context))
    .addCommand(logsCommand(context));
}

function startCommand(context: Context): Command {
  return define("start", "Get the tools, start the cluster, and make stack local", [
    "ftgo local start",
    "ftgo local start --no-traffic",
  ])
    .option("--no-traffic", "only show FTGO's pods: nothing answers, and no memory is needed for sidecars")
    .action(
      handle(context, async ({ report }, { traffic }: { traffic: boolean }) => {
        const local = context.local();
        const bringUp = () => local.bringUp(context.projectDir, report, { traffic });
        const status = await untilStopped(context, bringUp, startsByItself);
        return {
          text: `the local cluster is running${status.apiServer ? ` (${status.apiServer})` : ""}; \`ftgo status\` shows what comes up in it\n`,
          json: status,
        };
      }),
    );
}

function stopCommand(context: Context): Command {
  return define("stop", "Stop the cluster; its state is kept", ["ftgo local stop"]).action(
    handle(context, async ({ report }) => {
      const local = context.local();
      const text = "the cluster goes on stopping by itself: `ftgo local status`";
      await untilStopped(context, () => local.stop(context.projectDir, report), text);
      return {
        text: "the local cluster is stopped; `ftgo local start` brings it back as it was\n",
        json: { running: false },
      };
    }),
  );
}

function localStatusCommand(context: Context): Command {
  return define("status", "Show the cluster's processes; exit code 3 when one has crashed", [
    "ftgo local status",
  ]).action(
    handle(context, async (run) => {
      const local = context.local();
      const status = await local.status(context.projectDir);
      const crashed = status.processes.some(({ state }) => state === "crashed");
      const rows = status.processes.map(({ name, state, pid, since }) => [
        name,
        state === "running" ? run.style.good(state) : state === "crashed" ? run.style.bad(state) : run.style.dim(state),
        pid === undefined ? "" : String(pid),
        since ?? "",
      ]);
      return {
        text: table(rows) + logTails(status),
        json: status,
        exitCode: crashed ? exitCodes.missing : exitCodes.ok,
      };
    }),
  );
}

function logTails({ processes }: ClusterStatus): string {
  return processes
    .filter(({ logTail }) => logTail !== undefined)
    .map(({ name, logTail = "" }) => `\n${name} crashed; the end of its log:\n${logTail.trim().replace(/^/gm, "  ")}\n`)
    .join("");
}

function logsCommand(context: Context): Command {
  return define("logs", "Show the end of a process's log, or of all", [
    "ftgo local logs",
    "ftgo local logs istiod --lines 200",
  ])
    .argument("[process]", "name, as `ftgo local status` shows it")
    .option("-n, --lines <count>", "lines of each log", parseCount, 50)
    .action(
      handle(context, (_run, process: string | undefined, { lines }: { lines: number }) => {
        const text = context.local().logs(context.projectDir, process, lines);
        return Promise.resolve({ text: text.endsWith("\n") ? text : `${text}\n`, json: { log: text } });
      }),
    );
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("give a number of lines, such as 200");
}
