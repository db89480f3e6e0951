import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { forward } from "../../local/cluster/forwarder";

describe("The way into the local cluster", () => {
  const servers: net.Server[] = [];
  const told: string[] = [];

  /** Listens on a port of this machine. */
  async function serve(): Promise<{ server: net.Server; port: number }> {
    const server = net.createServer().listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return { server, port: (server.address() as net.AddressInfo).port };
  }

  /** What comes back by a way in to a port, to one who asks. */
  async function askAt(port: number): Promise<string> {
    told.length = 0;
    const wayIn = await serve();
    const forwarder = forward(
      wayIn.server,
      () => ({ host: "127.0.0.1", port }),
      (text) => told.push(text),
    );
    const socket = net.connect(wayIn.port, "127.0.0.1");
    socket.write("asked");
    const parts = (await socket.toArray()) as Buffer[];
    forwarder.close();
    return Buffer.concat(parts).toString();
  }

  after(() => servers.forEach((server) => server.close()));

  it("carries what is asked in and what is answered out, and has nothing to tell", async () => {
    const { server, port } = await serve();
    server.on("connection", (socket) => socket.on("data", (data) => socket.end(`${data.toString()}, answered`)));
    assert.equal(await askAt(port), "asked, answered");
    assert.deepEqual(told, []);
  });

  it("says of a connection that ended without an answer where it led, and how it ended", async () => {
    const { server, port } = await serve();
    server.on("connection", (socket) => socket.on("data", () => socket.end()));
    assert.equal(await askAt(port), "");
    assert.match(told.join(), new RegExp(`^127\\.0\\.0\\.1:${port}: closed after \\d+ ms$`));
  });

  it("says so when nobody listens inside", async () => {
    const { server, port } = await serve();
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await askAt(port), "");
    assert.match(told.join(), new RegExp(`^127\\.0\\.0\\.1:${port}: connect ECONNREFUSED .* after \\d+ ms$`));
  });
});
