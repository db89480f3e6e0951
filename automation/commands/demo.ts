import type { Command } from "commander";
import { type DemoStep, demoService, demoSteps, startingEdits } from "../demo-steps";
import { exitCodes, UsageError } from "../errors";
import type { Project } from "../project";
import type { ServiceStatus } from "../status";
import { renderDemoEnd, renderStep } from "./render-demo";
import type { Context } from "./context";
import { DemoTraffic, type StepTraffic } from "./demo-traffic";
import { define, handle, type Run, startsByItself, untilStopped } from "./run";

/** What programs get of one step. */
export interface StepResult {
  readonly title: string;
  readonly edit: string;
  readonly durationMs: number;
  readonly service: ServiceStatus;
  /** Undefined where no requests can be sent. */
  readonly traffic?: StepTraffic;
}

/** What programs get of the whole. */
export interface DemoResult {
  readonly steps: readonly StepResult[];
  readonly totalMs: number;
  /** Undefined where no requests can be sent. */
  readonly traffic?: StepTraffic;
}

/** `ftgo demo` */
export function demoCommand(context: Context): Command {
  return define(
    "demo",
    "Bring everything up on this machine and walk the consumer service through the five steps of a release, under requests",
    ["npm start", "ftgo demo --json"],
  ).action(
    handle(context, async (run) => {
      if (run.stack !== "local") throw new UsageError("the demo is for stack local alone");
      const start = performance.now();
      const walked = await walk(run);
      const result = { ...walked, totalMs: Math.round(performance.now() - start) };
      return {
        text: renderDemoEnd(result, run.style),
        json: { stack: run.stack, ...result },
        ...(result.traffic && result.traffic.lost > 0 && { exitCode: exitCodes.failed }),
      };
    }),
  );
}

async function walk(run: Run): Promise<Omit<DemoResult, "totalMs">> {
  const { context, style } = run;
  const { terminal, projectDir } = context;
  const say = (text: string) => (run.json ? terminal.err(text) : terminal.out(text));
  const report = (message: string) => terminal.err(`  ${message}\n`);

  say(`${style.bold("The cluster on this machine")}\n`);
  const local = context.local();
  const { gateway } = await untilStopped(context, () => local.bringUp(projectDir, report), startsByItself);

  report(`The steps edit services.${demoService} in stacks/Pulumi.${run.stack}.yaml, whatever it says now.`);

  const results: StepResult[] = [];
  let traffic: DemoTraffic | undefined;
  const step = async (title: string, edit: string, work: (project: Project) => Promise<unknown>) => {
    if (title !== "") say(`\n${style.bold(title)}\n`);
    const start = performance.now();
    const result = await run.withProject(
      async (project) => {
        await work(project);
        const durationMs = Math.round(performance.now() - start);
        const [{ services }, seen] = await Promise.all([project.status(), traffic?.endStep()]);
        const service = services.find(({ key }) => key === demoService);
        if (service === undefined) throw new UsageError(`stacks/Pulumi.local.yaml has no service ${demoService}`);
        return { title, edit, durationMs, service, traffic: seen };
      },
      { footer: traffic?.line },
    );
    results.push(result);
    say(renderStep(result, style));
  };

  await step("Everything up, the consumer service on v1", "versions: v1 alone", async (project) => {
    project.edit(startingEdits(project.environment()));
    await project.up();
  });
  if (gateway === undefined) report("FTGO's pods are only shown here, so no requests are sent.");
  else {
    say(`  gateway  ${gateway}, which gets requests from now on\n`);
    traffic = await DemoTraffic.start(local, gateway, report);
  }
  try {
    for (const [index, { title, says, edits }] of numbered(demoSteps)) {
      await step(title === "" ? "" : `${index}  ${title}`, says, (project) =>
        project.change(demoService, edits(project.environment())),
      );
    }
  } catch (error) {
    await traffic?.stop().catch(() => undefined); // what went wrong first says more
    throw error;
  }
  await traffic?.stop();
  return { steps: results, traffic: traffic?.total() };
}

/** Steps without a title belong to the one before. */
function numbered(steps: readonly DemoStep[]): [number, DemoStep][] {
  let number = 0;
  return steps.map((step) => [step.title === "" ? number : ++number, step]);
}
