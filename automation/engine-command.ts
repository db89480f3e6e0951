import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsTooEarly, removeHalfWritten } from "./half-written";
import { commandVariable } from "./lock";

/** The Pulumi CLI ended with an error. */
export class EngineFailed extends Error {
  override readonly name = "EngineFailed";
  constructor(
    readonly args: readonly string[],
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`pulumi ${args[0] ?? ""}: ${stderr.trim() || stdout.trim() || "failed"}`);
  }
}

/**
 * The Pulumi CLI as the Automation API calls it. Of its own it does two things.
 *
 * The process gets exactly the given environment, so that nothing ambient (`KUBECONFIG`) reaches it, and a process group
 * of its own, so that Ctrl-C in a terminal reaches it once, through `signal`: two make it stop without order.
 *
 * Around every update the Automation API calls the CLI four times more, 0.2 s each: `stack select`, `stack output` twice
 * and `stack history`. What they would tell is known from the update's events, so they are answered here.
 */
export class EngineCommand {
  readonly command = "pulumi";
  constructor(
    readonly version: string,
    private readonly cwd: string,
    private readonly env: NodeJS.ProcessEnv,
    /** Called once an operation of the Automation API's has been started. */
    private readonly whileItStarts: () => void = () => undefined,
  ) {}

  /** Called by the Automation API, with arguments that are its own affair. */
  // eslint-disable-next-line max-params -- as the Automation API calls it
  async run(
    args: string[],
    _cwd: string,
    env: Record<string, string>,
    _onOutput?: (text: string) => void,
    _onError?: (text: string) => void,
    signal?: AbortSignal,
  ) {
    const [command, subcommand] = args;
    if (command === "stack" && subcommand === "select") return answer("");
    if (command === "stack" && subcommand === "output") return answer("{}");
    if (command === "stack" && subcommand === "history") return answer("[]");
    const running = this.execute(args, signal, env);
    this.whileItStarts();
    return answer(await running);
  }

  /**
   * Runs the CLI and gives what it prints on stdout. When the signal comes, the engine is asked to stop: it ends what is in
   * flight, writes its state and frees its lock. What an earlier one has left half written is put right.
   * @throws EngineFailed
   */
  async execute(args: readonly string[], signal?: AbortSignal, env: Record<string, string> = {}): Promise<string> {
    try {
      return await this.once(args, signal, env);
    } catch (error) {
      const isHalf = error instanceof EngineFailed && endsTooEarly.test(error.stderr);
      if (!isHalf || signal?.aborted || !removeHalfWritten(this.env["PULUMI_BACKEND_URL"])) throw error;
      return this.once(args, signal, env);
    }
  }

  private async once(args: readonly string[], signal?: AbortSignal, env: Record<string, string> = {}): Promise<string> {
    // Files, not pipes: should this process be killed, the engine is not killed by writing to nobody, but ends in order.
    const stdout = openNameless();
    const stderr = openNameless();
    try {
      const child = spawn(this.command, [...args, "--non-interactive"], {
        cwd: this.cwd,
        env: { ...this.env, ...env, PULUMI_AUTOMATION_API: "true", [commandVariable]: String(process.pid) },
        detached: true,
        stdio: ["ignore", stdout, stderr],
      });
      const stop = () => void child.kill("SIGINT");
      if (signal?.aborted) stop();
      signal?.addEventListener("abort", stop, { once: true });
      // A program that cannot be started gives an error in the place of an exit code.
      const [end, killer] = (await once(child, "exit").catch((error: unknown) => [error])) as End;
      signal?.removeEventListener("abort", stop);
      if (end === 0) return readAll(stdout);
      if (killer) throw new EngineFailed(args, "", `the engine was ended from outside, by ${killer}`);
      throw new EngineFailed(args, readAll(stdout), end instanceof Error ? end.message : readAll(stderr));
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }
}

/** How a process ended: with a code, by a signal, or before it had begun. */
type End = [number | Error | null, NodeJS.Signals?];

/** A file that only this process and its child know, and that goes when both have ended, however they end. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), "ftgo-"));
  const file = openSync(join(folder, "output"), "w+", 0o600);
  rmSync(folder, { recursive: true });
  return file;
}

function readAll(file: number): string {
  const content = Buffer.alloc(fstatSync(file).size);
  readSync(file, content, 0, content.length, 0);
  return content.toString("utf8");
}

function answer(stdout: string) {
  return { stdout, stderr: "", code: 0 };
}
