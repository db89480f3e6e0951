import type { Command } from "commander";
import { renderStatus } from "../terminal/render";
import type { Context } from "./context";
import { define, handle } from "./run";

/** `ftgo status` */
export function statusCommand(context: Context): Command {
  return define("status", "Show what runs, who gets it, and where that is not what the stack file says", [
    "ftgo status",
    "ftgo status --json | jq .services",
  ])
    .addHelpText(
      "after",
      "\nIt compares images, replicas, the config of pods but for secrets, and who gets what; `ftgo preview` compares everything.",
    )
    .action(
      handle(context, async (run) => {
        const status = await run.withProject((project) => project.status());
        return { text: renderStatus(status, run.style), json: status };
      }),
    );
}
