import type { Command } from "commander";
import { describeByHand } from "../by-hand";
import { isTakenBack } from "../take-back";
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
        const { edits, differences, byHand } = await run.withProject(async (project) => {
          const made = await project.adopt(service);
          const status = await project.status();
          const found = status.services.find(({ key }) => key === service);
          const byHand = status.byHand.filter((change) => change.service === found?.name && isTakenBack(change));
          return { edits: made, differences: found?.differences ?? [], byHand };
        });
        const edited = Object.fromEntries(edits.map(({ path, value }) => [path.join("."), value]));
        const text = describeAdoption(service, { edits, differences, byHand: byHand.map(describeByHand) });
        return { text, json: { stack: run.stack, service, edited, differences, byHand } };
      }),
    );
}

interface Adopted {
  readonly edits: readonly Edit[];
  /** Where live and file differ after that. */
  readonly differences: readonly string[];
  /** What another hand has set in the service's objects, and the API server holds as its own. */
  readonly byHand: readonly string[];
}

/**
 * What was taken over; what `adopt` does not take: a Deployment that is gone, a route that was changed by hand; and what another hand
 * has set, of which nobody can tell here how much the file says by now.
 */
export function describeAdoption(service: string, { edits, differences, byHand }: Adopted): string {
  const taken = edits.map(({ path, value }) => `${path.join(".")}: ${shown(value)}`);
  const under = (title: string, texts: readonly string[]) =>
    texts.length === 0 ? [] : [title, ...texts.map((text) => `${service}: ${text}`)];
  const left = [
    ...under("What differs still, and `ftgo up` brings to what the stack file says:", differences),
    ...under("Set by another hand; what the stack file does not say of it by now, `ftgo up` takes back:", byHand),
  ];
  const none = `${service}: ${left.length === 0 ? "the stack file says what runs" : "nothing to take into the stack file"}`;
  return lines([...(taken.length > 0 ? taken : [none]), ...left]);
}

function shown(value: unknown): string {
  if (value === undefined) return "removed";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
