import type { Command } from "commander";
import { loadEnvironment } from "../stack-file";
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
        const edits = await run.withProject((project) => project.adopt(service));
        const lines = edits.map(
          ({ path, value }) =>
            `${path.join(".")}: ${value === undefined ? "removed" : typeof value === "object" ? JSON.stringify(value) : String(value as string | number)}\n`,
        );
        const text = lines.length === 0 ? `${service}: the stack file says what runs\n` : lines.join("");
        const edited = Object.fromEntries(edits.map(({ path, value }) => [path.join("."), value]));
        return { text, json: { stack: run.stack, service, edited } };
      }),
    );
}
