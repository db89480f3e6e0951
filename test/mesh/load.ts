import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { goPrograms } from "../engine/go-programs";

let program = "";

/** Builds Vegeta, which sends requests at a constant rate whatever becomes of those before. */
export async function obtainVegeta(): Promise<void> {
  program = join(await goPrograms("Vegeta", join(__dirname, "vegeta")), "vegeta");
}

/** One request, and what became of it. */
export interface Sent {
  /** When it was sent. */
  readonly timestamp: string;
  /** HTTP status; 0 when there was no answer. */
  readonly code: number;
  readonly error: string;
  readonly method: string;
  readonly url: string;
  /** What the answer says of itself. */
  readonly answer: Answer;
}

export interface Answer {
  readonly service?: string;
  readonly version?: string;
  readonly pod?: string;
  readonly trace?: string;
}

export interface LoadArgs {
  /** Each in turn, such as `GET /consumers/1`. */
  readonly requests: readonly string[];
  /** Per second. */
  readonly rate: number;
  /** Ends by itself after so many requests. @default those of two minutes */
  readonly count?: number;
  /** Of every request, such as `testuser: anything`. @default none */
  readonly headers?: readonly string[];
  /** Whether connections are used again. @default true */
  readonly keepAlive?: boolean;
}

/** The longest that an answer may take. */
const limit = "20s";
const longest = 120;

/** Requests to a gateway that go on until they are stopped, or for two minutes. */
export class Load {
  private readonly attack: ChildProcess;
  private readonly sent: Promise<Sent[]>;

  constructor(url: string, { requests, rate, count = longest * rate, headers = [], keepAlive = true }: LoadArgs) {
    const to = [
      "attack",
      `-rate=${rate}/s`,
      `-duration=${count / rate}s`,
      `-keepalive=${keepAlive}`,
      `-timeout=${limit}`,
    ];
    const given = headers.flatMap((header) => ["-header", header]);
    this.attack = spawn(program, [...to, ...given], { stdio: ["pipe", "pipe", "inherit"] });
    const encode = spawn(program, ["encode", "--to=json"], { stdio: ["pipe", "pipe", "inherit"] });
    assert.ok(this.attack.stdin && this.attack.stdout);
    this.attack.stdin.end(requests.map((request) => request.replace(" ", ` ${url}`)).join("\n"));
    this.attack.stdout.pipe(encode.stdin);
    this.sent = collect(encode.stdout);
  }

  /** Stops sending, waits for the answers that are still to come, and gives all. */
  async stop(): Promise<Sent[]> {
    this.attack.kill("SIGINT");
    return this.sent;
  }

  /** All of them, when the last one has been answered. */
  async all(): Promise<Sent[]> {
    if (this.attack.exitCode === null) await once(this.attack, "exit");
    return this.sent;
  }
}

async function collect(output: NodeJS.ReadableStream): Promise<Sent[]> {
  const sent: Sent[] = [];
  for await (const line of createInterface(output)) {
    const { body, ...rest } = JSON.parse(line) as Omit<Sent, "answer"> & { body: string | null };
    sent.push({ ...rest, answer: parse(Buffer.from(body ?? "", "base64").toString()) });
  }
  return sent;
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
}

/** Those that were not answered as they should be, a line each. */
export function lost(sent: readonly Sent[]): string[] {
  return sent
    .filter(({ code }) => code !== 200)
    .map(({ timestamp, method, url, code, error }) => `${timestamp} ${method} ${url}: ${code} ${error}`);
}

/** How many were answered by each version. */
export function versionsOf(sent: readonly Sent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { answer } of sent) {
    const version = answer.version ?? "none";
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}
