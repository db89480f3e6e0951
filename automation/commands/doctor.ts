import type { Command } from "commander";
import { exitCodes } from "../errors";
import type { Context } from "./context";
import { define, handle } from "./run";

/** `ftgo doctor` */
export function doctorCommand(context: Context): Command {
  return define(
    "doctor",
    "Name what this machine lacks, and the package that has it; exit code 3 when something does",
    ["ftgo doctor"],
  ).action(
    handle(context, async ({ style }) => {
      const local = context.local();
      const findings = await local.diagnose(context.projectDir);
      const lines = findings.map(({ name, ok, detail, remedy, optional }) => {
        const mark = ok ? style.good("✓") : optional ? style.note("!") : style.bad("✗");
        return `${mark} ${style.bold(name)}  ${detail}\n${remedy && !ok ? `    ${remedy}\n` : ""}`;
      });
      const missing = findings.filter(({ ok, optional }) => !ok && optional !== true);
      const summary =
        missing.length === 0 ? "nothing is missing" : `missing: ${missing.map(({ name }) => name).join(", ")}`;
      return {
        text: `${lines.join("")}${summary}\n`,
        json: { ok: missing.length === 0, findings },
        exitCode: missing.length === 0 ? exitCodes.ok : exitCodes.missing,
      };
    }),
  );
}
