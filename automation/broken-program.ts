/** Time in which the engine tells what failed by itself, in milliseconds. */
const grace = 1_000;

/**
 * Notices that a promise in the program has failed that nobody awaits, such as the rendering of a chart. What depends on it
 * is never known then, and the SDK would wait for it for ever; plain `pulumi` ends the program's process, which here is ours.
 */
export class BrokenProgram {
  /** What failed. */
  reason: string | undefined;
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  /** @param isExplained whether the engine ends by itself: after the failure of a resource, the program's promises fail too */
  constructor(private readonly isExplained: () => boolean) {
    process.on("unhandledRejection", this.notice);
  }

  /** Comes when the engine has to be stopped. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  close(): void {
    process.off("unhandledRejection", this.notice);
    clearTimeout(this.timer);
  }

  private readonly notice = (error: unknown): void => {
    this.timer ??= setTimeout(() => {
      if (this.isExplained()) return;
      const message = error instanceof Error ? error.message : String(error);
      // The SDK says where it was when it met the error, once more for each resource that waits.
      this.reason = message.replace(/^(error serializing property "[^"]*": )+/, "");
      this.controller.abort();
    }, grace);
  };
}
