import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { Proxies } from "../../components/mesh";
import { kubeconfigOf } from "./kubeconfig";

describe("What istiod says of its proxies", () => {
  let server: Server;
  let pods: readonly object[] = [];
  const forwards: Duplex[] = [];

  // An API server that lists pods, and never says what becomes of a port that is forwarded.
  before(async () => {
    server = createServer((_, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: "v1", kind: "PodList", items: pods }));
    }).listen(0, "127.0.0.1");
    server.on("upgrade", (_, socket) => forwards.push(socket));
    await once(server, "listening");
  });
  after(() => {
    for (const socket of forwards) socket.destroy();
    server.close();
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const proxies = () => new Proxies({ content: kubeconfigOf(url()), namespace: "istio-system" });
  const istiod = (ready: string) => ({
    metadata: { name: "istiod-1" },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready }] },
  });

  it("is not known while one is not ready: its proxies are not those that have heard (promise 1)", async () => {
    pods = [istiod("False")];
    await assert.rejects(proxies().sent(), /istiod-1 is not ready/);
  });

  it("is waited for no longer than three seconds (promise 1)", async () => {
    pods = [istiod("True")];
    await assert.rejects(proxies().sent(), /no answer within 3 s/);
  });
});
