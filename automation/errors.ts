/**
 * What `ftgo` exits with. 0 is success.
 *  - 1 the operation was tried and failed, or the demo has lost a request
 *  - 2 wrong usage or a config that cannot be used; nothing was changed
 *  - 3 something on this machine is missing or not running
 *  - 130 stopped by Ctrl-C or a signal
 */
export const exitCodes = { ok: 0, failed: 1, wrong: 2, missing: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error whose message is for a person: what, where, and what to do. It is shown without a stack. */
export abstract class AutomationError extends Error {
  abstract readonly exitCode: ExitCode;
  constructor(
    message: string,
    /** Whether anything may have been changed. */
    readonly begun = false,
  ) {
    super(message);
  }
}

/** What was asked for cannot be done as it was asked. Nothing was changed. */
export class UsageError extends AutomationError {
  override readonly name = "UsageError";
  readonly exitCode = exitCodes.wrong;
}

/** Something on this machine that the operation needs is missing or not running. Nothing was changed. */
export class MissingError extends AutomationError {
  override readonly name = "MissingError";
  readonly exitCode = exitCodes.missing;
}

/** The operation was tried and did not succeed. */
export class OperationError extends AutomationError {
  override readonly name: string = "OperationError";
  readonly exitCode = exitCodes.failed;
}

/** Another update of the same stack is running, or died where this machine cannot see it. Nothing was changed. */
export class LockedError extends OperationError {
  override readonly name = "LockedError";
}

/** The caller stopped the operation. The engine ended in order; the next `up` goes on from there. */
export class InterruptedError extends AutomationError {
  override readonly name = "InterruptedError";
  readonly exitCode = exitCodes.interrupted;
}

/** A resource that could not be brought to its state. */
export interface Failure {
  /** Logical name, such as `ftgo-consumer-service/v2`. */
  readonly resource: string;
  /** Pulumi's type token. */
  readonly type: string;
  /** The provider's own words, one reason to a line. */
  readonly reason: string;
}

/** The engine ran and at least one resource failed. What had succeeded stays. */
export class UpdateError extends OperationError {
  override readonly name = "UpdateError";
  constructor(
    message: string,
    /** Every resource that failed, in the order in which they did. */
    readonly failures: readonly Failure[],
  ) {
    super(message, true);
  }

  /** The same error with more lines of why, if there are any. */
  with(reasons: readonly string[]): UpdateError {
    const lines = reasons.map((reason) => `\n  ${reason}`);
    return new UpdateError(this.message + lines.join(""), this.failures);
  }
}
