import type { Variables } from "../../local";
import { MissingError } from "../errors";
import { loadEnvironment } from "../stack-file";
import type { Context } from "./context";

/**
 * The variables that a stack on the embedded cluster needs; undefined for any other stack.
 * @throws MissingError when the embedded cluster does not run
 */
export async function localEnvironment(
  { projectDir, local: load }: Context,
  stack: string,
  report: (message: string) => void,
): Promise<Variables | undefined> {
  if (loadEnvironment(projectDir, stack).cluster.kind !== "embedded") return undefined;
  const local = load();
  const { running, processes } = await local.status(projectDir);
  if (!running) {
    const crashed = processes.filter(({ state }) => state === "crashed").map(({ name }) => name);
    const state =
      crashed.length > 0 ? `is not whole: ${crashed.join(", ")} crashed (\`npx ftgo local status\`)` : "is not running";
    throw new MissingError(`the local cluster ${state}; start it with \`npx ftgo local start\``);
  }
  return local.environment(projectDir, report);
}
