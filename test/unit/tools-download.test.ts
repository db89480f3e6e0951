import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download, NotDownloaded, Unreachable } from "../../local/tools/download";

const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

describe("download of a tool", () => {
  const folder = mkdtempSync(join(tmpdir(), "ftgo-download-"));
  const target = () => mkdtempSync(join(folder, "target-"));
  let archive: Buffer;
  let flat: Buffer;
  let base = "";
  const server = http.createServer((request, response) => {
    if (request.url === "/tool") response.end("a program");
    else if (request.url === "/moved") response.writeHead(302, { location: "/tool" }).end();
    else if (request.url === "/archive") response.end(archive);
    else if (request.url === "/flat") response.end(flat);
    else response.writeHead(404).end();
  });

  before(async () => {
    mkdirSync(join(folder, "bundle-1.0", "bin"), { recursive: true });
    writeFileSync(join(folder, "bundle-1.0", "bin", "tool"), "a program");
    writeFileSync(join(folder, "bundle-1.0", "bin", "helper"), "beside it");
    execFileSync("tar", ["-czf", join(folder, "bundle.tar.gz"), "-C", folder, "bundle-1.0"]);
    archive = readFileSync(join(folder, "bundle.tar.gz"));
    execFileSync("tar", [
      "-czf",
      join(folder, "flat.tar.gz"),
      "-C",
      join(folder, "bundle-1.0", "bin"),
      "helper",
      "tool",
    ]);
    flat = readFileSync(join(folder, "flat.tar.gz"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("takes an executable, also from where it has moved to", async () => {
    for (const path of ["/tool", "/moved"]) {
      const place = target();
      await download({ url: base + path, sha256: sha256("a program") }, "tool", place);
      assert.equal(readFileSync(join(place, "tool"), "utf8"), "a program");
      assert.ok(statSync(join(place, "tool")).mode & 0o100);
    }
  });

  it("takes the executable of an archive and what is beside it", async () => {
    const place = target();
    const source = { url: `${base}/archive`, sha256: sha256(archive), member: "bundle-1.0/bin/tool" };
    await download(source, "tool", place);
    assert.equal(readFileSync(join(place, "tool"), "utf8"), "a program");
    assert.equal(readFileSync(join(place, "helper"), "utf8"), "beside it");
  });

  it("takes the executable alone of an archive without folders", async () => {
    const place = target();
    await download({ url: `${base}/flat`, sha256: sha256(flat), member: "tool" }, "tool", place);
    assert.equal(readFileSync(join(place, "tool"), "utf8"), "a program");
    assert.ok(!existsSync(join(place, "helper")));
  });

  it("refuses what is not what was pinned", async () => {
    const place = target();
    const source = { url: `${base}/tool`, sha256: sha256("another program") };
    await assert.rejects(download(source, "tool", place), /has the checksum [0-9a-f]{64}, but [0-9a-f]{64} is pinned/);
    assert.ok(!existsSync(join(place, "tool")));
  });

  it("calls a server unreachable that refuses, and not one that answers without it: others may have the other tools", async () => {
    const closed = net.createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as net.AddressInfo;
    closed.close();
    const fails = async (url: string) =>
      download({ url, sha256: "" }, "tool", target()).catch((error: unknown) => error);
    assert.ok((await fails(`http://127.0.0.1:${port}/tool`)) instanceof Unreachable);
    const missing = await fails(`${base}/nothing`);
    assert.ok(missing instanceof NotDownloaded && !(missing instanceof Unreachable));
  });

  it("gives up on a silent host", async () => {
    // It takes connections and never says a word, so TLS never comes up.
    const silent = net.createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `https://127.0.0.1:${(silent.address() as net.AddressInfo).port}/tool`;
    await assert.rejects(download({ url, sha256: "" }, "tool", target()), Unreachable);
    silent.close();
  });
});
