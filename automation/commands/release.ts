import type { Command } from "commander";
import { AutomationError, UsageError } from "../errors";
import { ftgo } from "../ftgo";
import type { ServiceResult } from "../project";
import type { Testers } from "../release";
import { describeAudience } from "../route";
import { renderRun } from "../terminal/render";
import type { Context, Output } from "./context";
import { define, handle, parseWeight, type Run } from "./run";
import { toJson } from "./update";

interface PromoteOptions {
  readonly weight?: number;
  /** `header` or `header=regex`; false for `--no-testers`. */
  readonly testers?: string | false;
}

/** `ftgo promote` */
export function promoteCommand(context: Context): Command {
  return define("promote", "Give the canary of a service to more users, or to testers", [
    "ftgo promote consumer --weight 5",
    "ftgo promote consumer --weight 0 --testers testuser",
    "ftgo promote consumer --testers 'testuser=^(ann|bob)$'",
    "ftgo promote consumer --no-testers",
  ])
    .argument("<service>", "key under `services` in the stack file")
    .option("-w, --weight <percent>", "share of user requests that the canary gets, 0 to 100", parseWeight)
    .option("--testers <header[=regex]>", "requests that see the canary whatever its weight")
    .option("--no-testers", "no testers any more")
    .addHelpText(
      "after",
      "\nIt edits the canary's weight and testers in the stack file, then updates that service alone.",
    )
    .action(
      handle(context, async (run, service: string, { weight, testers }: PromoteOptions) => {
        if (weight === undefined && testers === undefined) {
          throw new UsageError("nothing to promote to; give --weight, --testers or --no-testers");
        }
        const promotion = { weight, testers: parseTesters(testers) };
        const result = await run
          .withProject((project) => project.promote(service, promotion))
          .catch((error: unknown) => withWayBack(error, run, service));
        return released(run, result);
      }),
    );
}

/** `ftgo rollback` */
export function rollbackCommand(context: Context): Command {
  return define("rollback", "Give all users of a service the stable version again", [
    "ftgo rollback consumer",
    "ftgo rollback restaurant   # one image: back to the last config that went up well",
  ])
    .argument("<service>", "key under `services` in the stack file")
    .addHelpText(
      "after",
      "\nA service with versions: canary weight 0 and no testers; only its route is touched and waited for.",
    )
    .action(
      handle(context, async (run, service: string) =>
        released(run, await run.withProject((project) => project.rollback(service))),
      ),
    );
}

/** @param option `false` for `--no-testers` */
function parseTesters(option: string | false | undefined): Testers | null | undefined {
  if (option === undefined) return undefined;
  if (option === false) return null;
  const [header = "", ...rest] = option.split("=");
  return rest.length === 0 ? { header } : { header, regex: rest.join("=") };
}

function released(run: Run, result: ServiceResult): Output {
  const { service, edited, audience } = result;
  const users = audience ? `${run.style.bold(service)}: ${describeAudience(audience)}\n` : "";
  const name = `stacks/Pulumi.${run.stack}.yaml`;
  const file = edited.length > 0 ? `edited ${edited.join(", ")} in ${name}\n` : `${name} said so already\n`;
  return {
    text: renderRun(result, run.style) + run.style.dim(file) + users,
    json: { ...toJson(run, result), service, edited, audience },
  };
}

/** What was begun leaves its edit in the file, because config is the truth: so the message says how to go back. */
function withWayBack(error: unknown, run: Run, service: string): never {
  if (error instanceof AutomationError && error.begun) {
    error.message += `\nThe stack file keeps the edit. To go back: ${ftgo(`rollback ${service}`, run.stack)}`;
  }
  throw error;
}
