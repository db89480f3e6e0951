import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";

/** A command of node's that runs, and what it has said so far. */
export class Running {
  /** What it has printed, on stdout and stderr. */
  said = "";
  readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(args: readonly string[], options: SpawnOptions) {
    // A group of its own, which a signal reaches as that of a terminal does.
    this.child = spawn(process.execPath, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.closed = once(this.child, "close");
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (text: Buffer) => (this.said += text.toString()));
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when it has said this, or has ended. */
  says(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.isOver || this.said.includes(text)) resolve();
      };
      for (const stream of [this.child.stdout, this.child.stderr]) stream?.on("data", look);
      this.child.on("exit", look);
      look();
    });
  }

  /** Gives its exit code once it has ended; null when a signal ended it. */
  async end(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }
}
