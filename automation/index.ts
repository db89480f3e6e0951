/**
 * FTGO from scripts: what the `ftgo` command line does with a stack, as typed functions.
 *
 *     const project = openProject({ stack: "local" });
 *     await project.promote("consumer", { weight: 25 });
 */
import { Project, type ProjectOptions } from "./project";

export { ConfigError, type Environment, type Problem } from "../components/config";
export type { ChangeByHand } from "./by-hand";
export type { RunResult } from "./engine";
export type { Change, Operation, Progress } from "./engine-events";
export {
  AutomationError,
  type Failure,
  InterruptedError,
  LockedError,
  MissingError,
  OperationError,
  UpdateError,
  UsageError,
} from "./errors";
export type { LiveDeployment } from "./live";
export type { Project, ProjectOptions, ServiceResult, StackResult, UpdateOptions } from "./project";
export type { Promotion, Testers } from "./release";
export { type Audience, describeAudience } from "./route";
export type { Edit } from "./stack-file";
export type { ServiceStatus, StackStatus, VersionStatus } from "./status";

/**
 * Opens a stack. Nothing is read or run before the first operation.
 *
 * For stack local the script needs the environment that `eval "$(npx ftgo env)"` gives, in the shell or as `env`.
 */
export function openProject(options: ProjectOptions): Project {
  return new Project(options);
}
