import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { mock } from "node:test";
import { CoreV1Api } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforehand, type Clients } from "../../components/beforehand";
import { record } from "./aws-mocks";
import { kubeconfigOf } from "./kubeconfig";

describe("A look at the cluster before something is made", () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  before(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Asks for a namespace, and refuses it when it is there. */
  async function look(content: string, isNeeded = true, env?: NodeJS.ProcessEnv): Promise<void> {
    let hook: pulumi.ResourceHook | undefined;
    const refusal = async (clients: Clients) => {
      const { metadata } = await clients(CoreV1Api).readNamespace({ name: "shop" });
      return `${metadata?.name} is there`;
    };
    const cluster = { access: pulumi.output({ content, env }), inPreview: true };
    await record(() => {
      hook = beforehand("look", cluster, { refusal, what: "whether it is there", isNeeded });
      return Promise.resolve();
    });
    await hook?.callback({} as pulumi.ResourceHookArgs);
  }
  const at = (port: number, user?: object) => kubeconfigOf(`http://127.0.0.1:${port}`, user);
  const cluster = (user?: object) => at((server.address() as AddressInfo).port, user);

  it("refuses it for the reason that is seen", async () => {
    answer = (_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }));
    };
    await assert.rejects(look(cluster()), /^Error: shop is there$/);
  });

  it("asks by the credentials that the variables of its script lead to, be they others than those of this process", async () => {
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: "$OURS" },
    };
    const exec = {
      apiVersion: credential.apiVersion,
      command: "sh",
      args: ["-c", `cat <<END\n${JSON.stringify(credential)}\nEND`],
    };
    let token: string | undefined;
    answer = (request, response) => {
      token = request.headers.authorization;
      response.writeHead(404).end("{}");
    };
    await look(cluster({ exec }), false, { ...process.env, OURS: "ours" });
    assert.equal(token, "Bearer ours");
  });

  it("asks through the proxy that the variables name, as the engine's plugin does, but for a cluster of this machine", async () => {
    const asked: string[] = [];
    const proxy = createServer().listen(0, "127.0.0.1");
    proxy.on("connect", (request: IncomingMessage, socket: Duplex) => {
      asked.push(request.url ?? "");
      const there = connect((server.address() as AddressInfo).port, "127.0.0.1");
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      there.pipe(socket).pipe(there);
    });
    await once(proxy, "listening");
    answer = (_, response) => void response.writeHead(404).end("{}");
    const before = { ...process.env };
    process.env["http_proxy"] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    process.env["no_grpc_proxy"] = "127.0.0.1"; // of Pulumi, whose engine is on this machine
    try {
      await look(kubeconfigOf("http://cluster.invalid"), false);
      await look(cluster(), false);
    } finally {
      for (const name of ["http_proxy", "no_grpc_proxy"]) delete process.env[name];
      Object.assign(process.env, before);
      proxy.closeAllConnections();
      proxy.close();
    }
    assert.deepEqual(asked, ["cluster.invalid:80"]);
  });

  it("refuses it when nobody has answered for ten seconds, and leaves no request behind", async () => {
    const over = new AbortController();
    const timeout = mock.method(AbortSignal, "timeout", () => over.signal);
    let closed: Promise<unknown> | undefined;
    answer = (request) => {
      closed = once(request.socket, "close");
      over.abort();
    };
    await assert
      .rejects(look(cluster()), /^Error: whether it is there is not known: no answer within 10 s$/)
      .finally(() => timeout.mock.restore());
    assert.deepEqual(
      timeout.mock.calls.map((call) => call.arguments),
      [[10_000]],
    );
    assert.ok(closed !== undefined);
    await closed;
  });

  it("refuses it when one may not look, if that has to be known", async () => {
    answer = (_, response) => void response.writeHead(403).end("{}");
    await assert.rejects(look(cluster()), /^Error: whether it is there is not known: the API server answers 403$/);
    await look(cluster(), false);
  });

  it("refuses it when there is no way to the cluster that it knows, if that has to be known: the plugin may have one", async () => {
    await assert.rejects(look(at(1)), /^Error: whether it is there is not known: .*ECONNREFUSED/);
    await look(at(1), false);
  });
});
