import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { behaviourOf } from "./behaviour";

/*
 * Stands in for FTGO's applications: there are no images to run. It answers as the service, version and pod that it is told to
 * be; the gateway asks the services by their names, as FTGO's does, and passes their answers on.
 */

const { APPLICATION_SERVICE: service = "", APPLICATION_VERSION: version = "", APPLICATION_POD: pod = "" } = process.env;
const port = Number(process.env["APPLICATION_PORT"]);
const behaviour = behaviourOf(process.env);

/** Where a path leads, by the variables in which FTGO's gateway has its routes. Undefined: it is answered here. */
function downstream(path: string): string | undefined {
  const { env } = process;
  for (let route = 0; ; route += 1) {
    const predicate = env[`SPRING_CLOUD_GATEWAY_ROUTES_${route}_PREDICATES_0`];
    if (predicate === undefined) return undefined;
    const [, prefix] = /^Path=(.*)\/\*\*$/.exec(predicate) ?? [];
    if (path === prefix || path.startsWith(`${prefix}/`)) return env[`SPRING_CLOUD_GATEWAY_ROUTES_${route}_URI`];
  }
}

/** Headers of a connection, not of what goes over it. */
const ofConnection = ["host", "connection", "keep-alive", "transfer-encoding", "upgrade"];
const agent = new http.Agent({ keepAlive: true });
/** A call that takes longer than this has failed. */
const callLimit = 15_000;

/** Time in which callers that keep connections use them once more. */
const lingerMilliseconds = 300;

/** Requests that have not been answered yet. */
let open = 0;

const server = http.createServer((request, response) => {
  open += 1;
  response.once("close", () => (open -= 1));
  void answer(request, response).catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else send(response, 502, { error: error instanceof Error ? error.message : String(error) });
  });
});

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://any");
  if (url.pathname === "/actuator/health") {
    const isUp = behaviour.isReady();
    return send(response, isUp ? 200 : 503, { status: isUp ? "UP" : "OUT_OF_SERVICE" });
  }
  const next = downstream(url.pathname);
  if (next !== undefined) return passOn(request, response, new URL(`${url.pathname}${url.search}`, next));
  request.resume();
  // A test may ask for an answer that takes its time.
  const milliseconds = Number(url.searchParams.get("milliseconds") ?? 0) + behaviour.milliseconds();
  if (milliseconds > 0) await pause(milliseconds);
  const failure = behaviour.failure();
  if (failure !== undefined) return send(response, failure, { error: "told to fail" });
  const trace = request.headers["traceparent"];
  send(response, 200, { path: url.pathname, method: request.method, ...(trace !== undefined && { trace }) });
}

function passOn(request: http.IncomingMessage, response: http.ServerResponse, url: URL): Promise<void> {
  const headers = passedOn(request.headers);
  const { method } = request;
  return new Promise((resolve, reject) => {
    const call = http.request(url, { method, headers, agent, timeout: callLimit }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, passedOn(answered.headers));
      answered.pipe(response).on("finish", resolve);
      answered.on("error", reject);
    });
    call.on("timeout", () => call.destroy(new Error(`${url.host} did not answer`)));
    call.on("error", reject);
    request.pipe(call);
  });
}

/** All headers go on, as FTGO's gateway does it: who tests, and by what a trace is put together. */
function passedOn(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.includes(name)));
}

function send(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify({ service, version, pod, ...body })}\n`);
}

behaviour.begin();
// Connections stay open for longer than those who keep them do: else a request could meet one that is just being closed.
server.keepAliveTimeout = 120_000;
server.listen(port, () => console.log(`${service} ${version} listens on ${port}`));

process.on("SIGTERM", () => {
  console.log("told to end: finishing what has begun");
  // Connections end with their next answer: to close them now could cut off a request that is on its way.
  const ending = Date.now();
  server.prependListener("request", (_, response: http.ServerResponse) => response.setHeader("connection", "close"));
  setInterval(() => {
    if (open === 0 && Date.now() > ending + lingerMilliseconds) process.exit(0);
  }, 100);
});
