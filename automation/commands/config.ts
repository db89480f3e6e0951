import type { Command } from "commander";
import { type Edit, loadEnvironment } from "../stack-file";
import type { Context } from "./context";
import { define, handle } from "./run";

/** `ftgo config check` and `ftgo config adopt` */
export function configCommand(context: Context): Command {
  return define("config", "Check the stack file, or take the live state into it", [
    "ftgo config check --stack prod",
    "ftgo config adopt restaurant",
  ])
    .addCommand(checkCommand(context))
    .addCommand(adoptCommand(context));
}

function checkCommand(context: Context): Command {
  return define("check", "Check the stack file and show every problem at once; nothing is run", [
    "ftgo config check",
    "ftgo config check --stack prod --json",
  ]).action(
    handle(context, (run) => {
      const { services } = loadEnvironment(context.projectDir, run.stack);
      const file = `stacks/Pulumi.${run.stack}.yaml`;
      const text = `${file} is good: ${services.map((service) => service.key).join(", ")}\n`;
      return Promise.resolve({ text, json: { file, ok: true, services: services.map((service) => service.key) } });
    }),
  );
}

function adoptCommand(context: Context): Command {
  return define("adopt", "Take what runs of a service into the stack file, after an undo by hand for example", [
    "kubectl rollout undo deployment ftgo-restaurant-service && ftgo config adopt restaurant",
  ])
    .argument("<service>", "key under `services` in the stack file")
    .action(
      handle(context, async (run, service: string) => {
        const { edits, differences } = await run.withProject(async (project) => {
          const made = await project.adopt(service);
          const { services } = await project.status();
          return { edits: made, differences: services.find(({ key }) => key === service)?.differences ?? [] };
        });
        const edited = Object.fromEntries(edits.map(({ path, value }) => [path.join("."), value]));
        const text = describeAdoption(service, edits, differences);
        return { text, json: { stack: run.stack, service, edited, differences } };
      }),
    );
}

/** What was taken over, and what `adopt` does not take: a Deployment that is gone, a route that was changed by hand. */
export function describeAdoption(service: string, edits: readonly Edit[], differences: readonly string[]): string {
  const taken = edits.map(({ path, value }) => `${path.join(".")}: ${shown(value)}`);
  const left = differences.map((difference) => `${service}: ${difference}`);
  if (left.length === 0) return lines(taken.length > 0 ? taken : [`${service}: the stack file says what runs`]);
  return lines([
    ...(taken.length > 0 ? taken : [`${service}: nothing to take into the stack file`]),
    "What differs still, and `ftgo up` brings to what the stack file says:",
    ...left,
  ]);
}

function shown(value: unknown): string {
  if (value === undefined) return "removed";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
