import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { LocalError } from "./errors";
import { ensureTools } from "./tools";
import type { Report } from "./report";

/** One request, and what became of it. */
export interface Sent {
  /** When it was sent; ISO. */
  timestamp: string;
  /** HTTP status; 0 when there was no answer. */
  code: number;
  /** What went wrong; empty when nothing did. */
  error: string;
  /** Nanoseconds until the whole answer was there. */
  latency: number;
  method: string;
  url: string;
  /** What the answer says of itself. */
  answer: Answer;
}

export interface Answer {
  service?: string;
  version?: string;
  pod?: string;
  trace?: string;
}

export interface LoadArgs {
  /** What all URLs begin with. */
  url: string;
  /** Each in turn, such as `GET /consumers/1`. */
  requests: readonly string[];
  /** Per second. */
  rate: number;
  /** Ends by itself after so many requests. @default those of two minutes */
  count?: number;
  /** Of every request, such as `testuser: anything`. @default none */
  headers?: readonly string[];
  /** Whether connections are used again. @default true */
  keepAlive?: boolean;
  /** Told of each request when it has been answered, or has failed. @default nobody */
  onSent?: (sent: Sent) => void;
}

/** The longest that an answer may take. */
const limit = "20s";
const longest = 120;

/**
 * Requests at a constant rate, whatever becomes of those before, by Vegeta. They go on until they are stopped, or until their
 * count is reached.
 */
export class Load {
  readonly #attack: ChildProcess;
  readonly #sent: Promise<Sent[]>;

  private constructor(program: string, args: LoadArgs) {
    const { url, requests, rate, count = longest * rate, headers = [], keepAlive = true } = args;
    const options = {
      rate: `${rate}/s`,
      duration: `${count / rate}s`,
      keepalive: String(keepAlive),
      timeout: limit,
    };
    const given = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
    const all = ["attack", ...given, ...headers.flatMap((header) => ["-header", header])];
    this.#attack = spawn(program, all, { stdio: ["pipe", "pipe", "inherit"] });
    const { stdin, stdout } = this.#attack;
    const encode = spawn(program, ["encode", "--to=json"], { stdio: [stdout, "pipe", "ignore"] });
    stdin?.on("error", () => undefined); // it may end without reading its input
    stdin?.end(requests.map((request) => request.replace(" ", ` ${url}`)).join("\n"));
    const counted = collect(encode.stdout as NodeJS.ReadableStream, args.onSent);
    this.#sent = Promise.all([counted, endOf(this.#attack), endOf(encode)]).then(([sent]) => sent);
    this.#sent.catch(() => undefined); // who asks for the requests is told
  }

  /** Begins to send. @param report told of the program's build, when it is not there yet */
  static async start(args: LoadArgs, report: Report): Promise<Load> {
    const { vegeta } = await ensureTools(["vegeta"], report);
    return new Load(vegeta, args);
  }

  /** Stops sending, waits for the answers that are still to come, and gives all. @throws LocalError as `all` does */
  stop(): Promise<Sent[]> {
    this.#attack.kill("SIGINT");
    return this.#sent;
  }

  /** All of them, when the last one has been answered. @throws LocalError when they could not all be counted */
  all(): Promise<Sent[]> {
    return this.#sent;
  }
}

/** What a killed generator had sent last is in nobody's count. */
async function endOf(child: ChildProcess): Promise<void> {
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  if (code !== 0)
    throw new LocalError(`Vegeta ended too early (${signal ?? `exit code ${code}`}): not all requests were counted.`);
}

async function collect(output: NodeJS.ReadableStream, onSent?: (sent: Sent) => void): Promise<Sent[]> {
  const all: Sent[] = [];
  for await (const line of createInterface(output)) {
    const { body, ...rest } = JSON.parse(line) as Omit<Sent, "answer"> & { body: string | null };
    const sent = { ...rest, answer: parse(Buffer.from(body ?? "", "base64").toString()) };
    all.push(sent);
    onSent?.(sent);
  }
  return all;
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
}
