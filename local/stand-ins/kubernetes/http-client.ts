import * as http from "node:http";
import * as https from "node:https";
import type { Connection } from "./kubeconfig";
import { field, isFields, text } from "./wire";
import type { Fields, Value } from "./wire";

export interface Request {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | undefined>;
  body?: Value;
  /** Default: application/json. */
  contentType?: string;
  /** Default: application/json. */
  accept?: string;
}

/** The API server refused: its Status object in the form of an error. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly details: Value | undefined,
  ) {
    super(message);
  }
}

/** No answer from the API server. */
export class Unreachable extends Error {}

/** Longer than any admission webhook may take. */
const timeoutMilliseconds = 60_000;

/** Talks JSON to one API server over kept-alive connections. */
export class HttpClient {
  private readonly agent: http.Agent;
  private readonly secure: boolean;

  constructor(private readonly connection: Connection) {
    this.secure = connection.server.startsWith("https:");
    const options = { keepAlive: true, maxSockets: 32 };
    this.agent = this.secure
      ? new https.Agent({
          ...options,
          ca: connection.ca,
          cert: connection.certificate,
          key: connection.key,
          servername: connection.serverName,
          rejectUnauthorized: !connection.insecure,
        })
      : new http.Agent(options);
  }

  get server(): string {
    return this.connection.server;
  }

  /** Sends a request and returns the object in the answer; throws ApiError or Unreachable. */
  async send(request: Request): Promise<Fields> {
    const { status, body } = await this.exchange(request);
    const answer = parseObject(body);
    if (status < 300) return answer;
    const message = text(answer, "message") ?? (body.slice(0, 500) || `HTTP status ${status}`);
    throw new ApiError(status, text(answer, "reason") ?? "", message, field(answer, "details"));
  }

  private exchange(request: Request, retried = false): Promise<{ status: number; body: string }> {
    const url = new URL(this.connection.server + request.path);
    for (const [key, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, value);
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => {
        // The server may close an idle connection in the moment in which it is used again.
        if (outgoing.reusedSocket && error.code === "ECONNRESET" && !retried) {
          resolve(this.exchange(request, true));
          return;
        }
        reject(new Unreachable(`no answer from the API server at ${this.connection.server}: ${error.message}`));
      };
      const outgoing = (this.secure ? https : http).request(
        url,
        { method: request.method ?? "GET", agent: this.agent, headers: this.headers(request, payload) },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", fail);
          incoming.on("end", () => {
            resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
          });
        },
      );
      outgoing.on("error", fail);
      outgoing.setTimeout(timeoutMilliseconds, () => {
        outgoing.destroy(new Error(`nothing for ${timeoutMilliseconds / 1000} s`));
      });
      outgoing.end(payload);
    });
  }

  private headers(request: Request, payload: Buffer | undefined): http.OutgoingHttpHeaders {
    const { token, username, password } = this.connection;
    const basic = username !== undefined && password !== undefined ? `${username}:${password}` : undefined;
    const authorization = token ? `Bearer ${token}` : basic && `Basic ${Buffer.from(basic, "utf8").toString("base64")}`;
    return {
      accept: request.accept ?? "application/json",
      ...(authorization ? { authorization } : {}),
      ...(payload
        ? { "content-type": request.contentType ?? "application/json", "content-length": payload.length }
        : {}),
    };
  }
}

function parseObject(body: string): Fields {
  try {
    const value: unknown = JSON.parse(body);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}
