import { type ClusterStatus, start, type StartOptions, startTools } from "./cluster";
import type { Report } from "./report";
import { prepareStack } from "./stack";
import { ensureTools } from "./tools";
import { allOf } from "./wait";

/**
 * Gets the tools, and then starts the cluster and makes stack local, of which neither needs the other.
 * @throws LocalError as `start` and `prepareStack` do
 */
export async function bringUp(projectDir: string, report: Report, options?: StartOptions): Promise<ClusterStatus> {
  await ensureTools(startTools, report); // here: else both would get them
  const [status] = await allOf([start(projectDir, report, options), prepareStack(projectDir, report)]);
  return status;
}
