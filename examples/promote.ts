/*
 * Gives the canary of the consumer service a share of the users, and prints what they get. From anywhere:
 *
 *     node -r <checkout>/loader.js <checkout>/examples/promote.ts 25
 *
 * The number is the weight in percent, from 0 to 100. The service has to have a canary.
 *
 * For stack local the shell needs what `eval "$(npx ftgo env)"` gives in the checkout.
 */
import { AutomationError, ConfigError, describeAudience, openProject } from "../automation";

async function main(weight: number): Promise<void> {
  const project = openProject({ stack: process.env["FTGO_STACK"] ?? "local" });
  const { changes, audience, durationMs } = await project.promote("consumer", { weight });
  if (audience) console.log(describeAudience(audience));
  console.log(`${changes.length} changed in ${(durationMs / 1000).toFixed(1)} s`);
}

const [, , weight = ""] = process.argv;
if (!/^\d+$/.test(weight)) {
  console.error("usage: promote.ts <weight in percent, from 0 to 100>");
  process.exit(2);
}
main(Number(weight)).catch((error: unknown) => {
  // Errors that a person can act on need no stack.
  const expected = error instanceof AutomationError || error instanceof ConfigError;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
});
