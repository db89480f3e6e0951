import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { goPrograms } from "./go-programs";

let program = "";

/** Builds the server from its pinned module: a quarter of a minute, once per machine. */
export async function obtainS3(): Promise<void> {
  program = join(await goPrograms("the S3 server", join(__dirname, "s3")), "gofakes3");
}

/** An S3-compatible server on 127.0.0.1 that keeps everything in memory. */
export class S3 {
  private server?: ChildProcess;
  private port = "";

  /** What a client needs besides the address; the server takes any. */
  readonly env = { AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any" };

  async start(): Promise<void> {
    const server = spawn(program, ["-backend", "memory", "-autobucket", "-host", "127.0.0.1:0"]);
    this.server = server;
    for await (const line of createInterface(server.stderr)) {
      const [, port] = /using port: (\d+)/.exec(line) ?? [];
      if (port !== undefined) this.port = port;
      if (port !== undefined) break;
    }
    assert.ok(this.port, "the S3 server says its port");
    server.stderr.resume();
  }

  /** A bucket, as Pulumi takes it for a backend. */
  url(bucket: string): string {
    return `s3://${bucket}?region=eu-central-1&use_path_style=true&endpoint=http://127.0.0.1:${this.port}`;
  }

  async remove(): Promise<void> {
    if (this.server?.exitCode !== null) return;
    const exit = once(this.server, "exit");
    this.server.kill();
    await exit;
  }
}
