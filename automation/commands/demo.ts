import type { Command } from "commander";
import { type DemoStep, demoService, demoSteps, startingEdits } from "../demo-steps";
import { UsageError } from "../errors";
import type { Project } from "../project";
import type { ServiceStatus } from "../status";
import { serviceRows } from "../terminal/render";
import { formatDuration, type Style, table } from "../terminal/text";
import type { Context } from "./context";
import { untilStopped } from "./local";
import { define, handle, type Run } from "./run";

/** What programs get of one step. */
interface StepResult {
  readonly title: string;
  readonly edit: string;
  readonly durationMs: number;
  readonly service: ServiceStatus;
}

/** `ftgo demo` */
export function demoCommand(context: Context): Command {
  return define(
    "demo",
    "Bring everything up on this machine and walk the consumer service through the five steps of a release",
    ["npm start", "ftgo demo --json"],
  ).action(
    handle(context, async (run) => {
      if (run.stack !== "local") throw new UsageError("the demo is for stack local alone");
      const start = performance.now();
      const steps = await walk(run);
      const totalMs = Math.round(performance.now() - start);
      return { text: renderEnd(run.style, totalMs), json: { stack: run.stack, steps, totalMs } };
    }),
  );
}

async function walk(run: Run): Promise<StepResult[]> {
  const { context, style } = run;
  const { terminal, projectDir } = context;
  const say = (text: string) => (run.json ? terminal.err(text) : terminal.out(text));
  const report = (message: string) => terminal.err(`  ${message}\n`);

  say(`${style.bold("The cluster on this machine")}\n`);
  const local = context.local();
  await untilStopped(context, async () => {
    await local.start(projectDir, report);
    await local.prepareStack(projectDir, report);
  });

  report(`The steps edit services.${demoService} in stacks/Pulumi.${run.stack}.yaml, whatever it says now.`);

  const results: StepResult[] = [];
  const step = async (title: string, edit: string, work: (project: Project) => Promise<unknown>) => {
    if (title !== "") say(`\n${style.bold(title)}\n`);
    const start = performance.now();
    const status = await run.withProject(async (project) => {
      await work(project);
      const durationMs = Math.round(performance.now() - start);
      return { durationMs, ...(await project.status()) };
    });
    const service = status.services.find(({ key }) => key === demoService);
    if (service === undefined) throw new UsageError(`stacks/Pulumi.local.yaml has no service ${demoService}`);
    results.push({ title, edit, durationMs: status.durationMs, service });
    say(renderStep(edit, status.durationMs, service, style));
    return status;
  };

  const { gateway } = await step("Everything up, the consumer service on v1", "versions: v1 alone", async (project) => {
    project.edit(startingEdits(project.environment()));
    return project.up();
  });
  if (gateway.url !== undefined) say(`  gateway  ${gateway.url}\n`);
  for (const [index, { title, says, edits }] of numbered(demoSteps)) {
    await step(title === "" ? "" : `${index}  ${title}`, says, (project) =>
      project.change(demoService, edits(project.environment())),
    );
  }
  return results;
}

/** Steps without a title belong to the one before. */
function numbered(steps: readonly DemoStep[]): [number, DemoStep][] {
  let number = 0;
  return steps.map((step) => [step.title === "" ? number : ++number, step]);
}

function renderStep(edit: string, durationMs: number, service: ServiceStatus, style: Style): string {
  const rows = serviceRows(service, style).map(([, ...cells]) => cells);
  return `  ${style.note(edit)}  ${style.dim(formatDuration(durationMs))}\n${table(rows, "    ")}`;
}

function renderEnd(style: Style, totalMs: number): string {
  const set = "pulumi config set --path services.consumer";
  return `
${style.bold(`Done in ${formatDuration(totalMs)}.`)} The platform is running, the consumer service on v2 alone, for all users.

Try next:
  eval "$(npx ftgo env)"                          ${style.dim("plain pulumi, kubectl, helm and istioctl on this cluster")}
  ${set}.versions.v3.image ftgo-consumer-service:v3
  ${set}.canary.version v3 && pulumi up
  npx ftgo promote consumer --weight 5            ${style.dim("5 % of the users get v3")}
  npx ftgo rollback consumer                      ${style.dim("nobody does")}
  npx ftgo status                                 ${style.dim("what runs, and who gets it")}
  npx ftgo local stop                             ${style.dim("stop everything; nothing is lost")}
`;
}
