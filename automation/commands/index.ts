import type { Command } from "commander";
import { configCommand } from "./config";
import type { Context } from "./context";
import { demoCommand } from "./demo";
import { doctorCommand } from "./doctor";
import { envCommand } from "./env";
import { localCommand } from "./local";
import { manifestsCommand } from "./manifests";
import { promoteCommand, rollbackCommand } from "./release";
import { statusCommand } from "./status";
import { destroyCommand, previewCommand, upCommand } from "./update";

/** Every command, in the order of the help. */
export function all(context: Context): Command[] {
  return [
    demoCommand,
    upCommand,
    previewCommand,
    statusCommand,
    promoteCommand,
    rollbackCommand,
    configCommand,
    manifestsCommand,
    destroyCommand,
    envCommand,
    localCommand,
    doctorCommand,
  ].map((make) => make(context));
}
