import type { Command } from "commander";
import type { RunResult } from "../engine";
import type { StackResult } from "../project";
import { UsageError } from "../errors";
import { loadEnvironment } from "../stack-file";
import { renderByHand, renderRun } from "../terminal/render";
import type { Context } from "./context";
import { define, handle, type Run } from "./run";

interface RefreshOption {
  readonly refresh: boolean;
}
const noRefresh = ["--no-refresh", "trust the state, do not look for changes made by hand"] as const;

/** `ftgo up` */
export function upCommand(context: Context): Command {
  return define("up", "Bring everything to what the stack file says", [
    "ftgo up",
    "ftgo up --stack dev --yes",
    "ftgo up --json | jq .changes",
  ])
    .option(...noRefresh)
    .action(
      handle(context, async (run, options: RefreshOption) => {
        await confirmUp(run, options);
        const [result, url] = await run.withProject(
          async (project) => {
            const done = await project.up(options);
            return [done, project.gatewayUrl(done.outputs)] as const;
          },
          { report: run.report },
        );
        const gateway = url === undefined ? "" : `gateway ${run.style.bold(url)}\n`;
        const text = renderRun(result, run.style) + gateway + renderByHand(result.byHand, run.style);
        return { text, json: toJson(run, result) };
      }),
    );
}

/** `ftgo preview` */
export function previewCommand(context: Context): Command {
  return define("preview", "Say what `up` would change, and change nothing", [
    "ftgo preview",
    "ftgo preview --stack prod",
  ])
    .option(...noRefresh)
    .action(
      handle(context, async (run, options: RefreshOption) => {
        const result = await run.withProject((project) => project.preview(options), { report: run.report });
        const text = renderRun(result, run.style, true) + renderByHand(result.byHand, run.style);
        return { text, json: toJson(run, result) };
      }),
    );
}

/** `ftgo destroy` */
export function destroyCommand(context: Context): Command {
  return define("destroy", "Remove everything that the stack made", [
    "ftgo destroy",
    "ftgo destroy --stack dev --yes",
  ]).action(
    handle(context, async (run) => {
      loadEnvironment(context.projectDir, run.stack);
      await confirm(run, `Destroy everything that stack ${run.stack} made?`);
      const result = await run.withProject((project) => project.destroy(), { report: run.report });
      return { text: renderRun(result, run.style), json: toJson(run, result) };
    }),
  );
}

/** What programs get of an update. */
export function toJson(
  { stack }: Run,
  { changes, drifted, byHand, outputs, durationMs }: RunResult & Partial<StackResult>,
) {
  return { stack, changes, drifted, ...(byHand && { byHand }), outputs, durationMs };
}

/** Only the embedded cluster is this machine's own affair; for others the changes are shown first. */
async function confirmUp(run: Run, options: RefreshOption): Promise<void> {
  const { cluster } = loadEnvironment(run.context.projectDir, run.stack);
  if (run.yes || cluster.kind === "embedded") return;
  if (!run.context.terminal.live) return refuse(run);
  const preview = await run.withProject((project) => project.preview(options));
  run.context.terminal.err(renderRun(preview, run.style, true) + renderByHand(preview.byHand, run.style));
  await confirm(run, `Change stack ${run.stack}?`);
}

async function confirm(run: Run, question: string): Promise<void> {
  if (run.yes) return;
  const answer = await run.context.terminal.confirm(question);
  if (answer === undefined) return refuse(run);
  if (!answer) throw new UsageError("not confirmed; nothing was changed");
}

function refuse({ stack }: Run): never {
  throw new UsageError(`stack ${stack} is changed only when that is confirmed, and nobody is here to ask; give --yes`);
}
