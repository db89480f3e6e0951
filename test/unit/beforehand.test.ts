import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CoreV1Api } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforehand } from "../../components/beforehand";
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
  async function look(content: string): Promise<void> {
    let hook: pulumi.ResourceHook | undefined;
    await record(() => {
      hook = beforehand("look", { access: pulumi.output({ content }), inPreview: true }, async (clients) => {
        const { metadata } = await clients(CoreV1Api).readNamespace({ name: "shop" });
        return `${metadata?.name} is there`;
      });
      return Promise.resolve();
    });
    await hook?.callback({} as pulumi.ResourceHookArgs);
  }
  const cluster = () => kubeconfigOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  it("refuses it for the reason that is seen", async () => {
    answer = (_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }));
    };
    await assert.rejects(look(cluster()), /^Error: shop is there$/);
  });

  it("lets it be tried when nobody answers, for five seconds at the most, and leaves no request behind", async () => {
    let closed: Promise<unknown> | undefined;
    answer = (request) => void (closed = once(request.socket, "close"));
    await look(cluster());
    assert.ok(closed !== undefined);
    await closed;
  });

  it("lets it be tried when one may not look, and when the way there is wrong", async () => {
    answer = (_, response) => void response.writeHead(403).end("{}");
    await look(cluster());
    await look("no kubeconfig");
  });
});
