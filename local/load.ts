import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { pipeline, Readable } from "node:stream";
import { LocalError } from "./errors";
import { ensureTools } from "./tools";
import type { Report } from "./report";

/** One request, and what became of it. */
export interface Sent {
  /** When it was sent; ISO. */
  timestamp: string;
  /** HTTP status; 0 when there was no answer. */
  code: number;
  /** What went wrong, a proxy's own words among it; empty when nothing did. */
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
  /** Ends by itself after so many requests. @default those of an hour: work that takes longer has got stuck */
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
const hour = 3600;
/** What Vegeta says, as if of a request, when its input has ended. */
const atEnd = "no targets to attack";

/**
 * Requests at a constant rate, whatever becomes of those before, by Vegeta. They go on until they are stopped, or until their
 * count is reached.
 */
export class Load {
  readonly #attack: ChildProcess;
  readonly #sent: Promise<Sent[]>;
  #isStopped = false;

  private constructor(program: string, args: LoadArgs) {
    const { url, requests, rate, count = hour * rate, headers = [], keepAlive = true } = args;
    // It ends with its input: where it is told how long to send instead, a late machine sends fewer.
    const given = ["-lazy", "-duration=0", `-rate=${rate}/s`, `-keepalive=${keepAlive}`, `-timeout=${limit}`];
    const all = ["attack", ...given, ...headers.flatMap((header) => ["-header", header])];
    this.#attack = spawn(program, all, { stdio: ["pipe", "pipe", "inherit"] });
    const { stdin, stdout } = this.#attack;
    const encode = spawn(program, ["encode", "--to=json"], { stdio: [stdout, "pipe", "ignore"] });
    const lines = requests.map((request) => `${request.replace(" ", ` ${url}`)}\n`);
    pipeline(Readable.from(inTurn(lines, count)), stdin as NodeJS.WritableStream, () => undefined); // it may end before its input does
    const counted = collect(encode.stdout as NodeJS.ReadableStream, args.onSent);
    this.#sent = Promise.all([counted, endOf(this.#attack), endOf(encode)]).then(([sent]) => {
      if (this.#isStopped || sent.length === count) return sent;
      throw new LocalError(`Vegeta ended too early: it has sent ${sent.length} of ${count} requests.`);
    });
    this.#sent.catch(() => undefined); // who asks for the requests is told
  }

  /** Begins to send. @param report told of the program's build, when it is not there yet */
  static async start(args: LoadArgs, report: Report): Promise<Load> {
    const { vegeta } = await ensureTools(["vegeta"], report);
    return new Load(vegeta, args);
  }

  /** Stops sending, waits for the answers that are still to come, and gives all. @throws LocalError as `all` does */
  stop(): Promise<Sent[]> {
    this.#isStopped = true;
    this.#attack.kill("SIGINT");
    return this.#sent;
  }

  /** All of them, when the last one has been answered. @throws LocalError when they could not all be counted */
  all(): Promise<Sent[]> {
    return this.#sent;
  }
}

function* inTurn(lines: readonly string[], count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield lines[index % lines.length] ?? "";
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
    if (rest.error === atEnd) continue;
    const text = Buffer.from(body ?? "", "base64").toString();
    const error = rest.error === "" || text === "" || text.startsWith("{") ? rest.error : `${rest.error}: ${text}`;
    const sent = { ...rest, error, answer: parse(text) };
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
