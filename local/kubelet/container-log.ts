import { closeSync, constants, createWriteStream, existsSync, openSync, renameSync, rmSync } from "node:fs";
import net from "node:net";
import { createInterface } from "node:readline";
import { run } from "../run";

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * What a container writes, line by line with its time, in the format that KWOK and kubelets know. The one of its last run is kept
 * beside it as `<file>.1`.
 */
export class ContainerLog {
  readonly #pipe: string;

  private constructor(pipe: string) {
    this.#pipe = pipe;
  }

  /** @param pipe where a named pipe is made: Envoy opens its standard output once more, which no socket permits */
  static async open(file: string, pipe: string): Promise<ContainerLog> {
    rmSync(pipe, { force: true });
    await run("mkfifo", ["-m", "600", pipe]);
    const reader = new net.Socket({ fd: openSync(pipe, O_RDONLY | O_NONBLOCK), readable: true, writable: false });
    if (existsSync(file)) renameSync(file, `${file}.1`);
    const output = createWriteStream(file, { mode: 0o600 });
    output.on("error", (error) => console.error(`${file}: ${error.message}`)); // a full disk costs the log, nothing else
    const lines = createInterface({ input: reader });
    lines.on("line", (line) => output.write(`${new Date().toISOString()} stdout F ${line}\n`));
    lines.on("close", () => output.end());
    return new ContainerLog(pipe);
  }

  /** Gives a process its standard output. When nobody has it any more, all lines are written and the file is closed. */
  handOver<T>(start: (output: number) => T): T {
    const output = openSync(this.#pipe, O_WRONLY);
    try {
      return start(output);
    } finally {
      closeSync(output);
    }
  }
}
