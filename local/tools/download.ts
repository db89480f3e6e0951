import { createHash } from "node:crypto";
import { chmodSync, createReadStream, createWriteStream, mkdirSync, renameSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { LocalError, messageOf } from "../errors";
import { run } from "../run";
import type { Download } from "./manifest";

const connectLimit = 3000;
const stallLimit = 30_000;
const maxRedirects = 5;

/** What could not be downloaded this time. */
export class NotDownloaded extends Error {}

/** A host that cannot be reached: without internet, none can. */
export class Unreachable extends NotDownloaded {}

/**
 * Downloads an executable, or the folder of an archive that has it, into a folder made for it.
 * @param name what the executable is to be called
 * @throws NotDownloaded, or LocalError when what came is not what was pinned
 */
export async function download(source: Download, name: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `.${name}.download`);
  await fetchTo(source.url, file, maxRedirects);
  const sha256 = await checksum(file);
  if (sha256 !== source.sha256)
    throw new LocalError(`${source.url}\nhas the checksum ${sha256}, but ${source.sha256} is pinned. It is not used.`);
  if (source.member === undefined) {
    renameSync(file, join(folder, name));
  } else {
    const inside = dirname(source.member);
    const what = inside === "." ? [source.member] : [`--strip-components=${inside.split("/").length}`, inside];
    const done = await run("tar", ["-xzf", file, "-C", folder, ...what]);
    if (done.code !== 0) throw new LocalError(`${basename(source.url)} cannot be unpacked: ${done.stderr}`);
    await run("rm", ["-f", file]);
  }
  chmodSync(join(folder, name), 0o755);
}

async function fetchTo(url: string, file: string, redirects: number): Promise<void> {
  const response = await open(url);
  const { statusCode = 0, headers } = response;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined && redirects > 0) {
    response.resume();
    return fetchTo(new URL(headers.location, url).href, file, redirects - 1);
  }
  if (statusCode !== 200) {
    response.resume();
    throw new NotDownloaded(`${new URL(url).host} answers ${statusCode}`);
  }
  try {
    await pipeline(response, createWriteStream(file));
  } catch (error) {
    throw new NotDownloaded(`${new URL(url).host}: ${messageOf(error)}`);
  }
}

function open(url: string): Promise<http.IncomingMessage> {
  const { host, protocol } = new URL(url);
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Unreachable(`${host}: ${why}`));
    const request = (protocol === "https:" ? https : http).get(url, { agent: false }, resolve);
    // Name look-up, connection and TLS together: without internet this must not hold anybody up.
    const timer = setTimeout(() => request.destroy(new Error("no connection within 3 s")), connectLimit);
    request.on("socket", (socket) => {
      socket.once(protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(timer));
      socket.setTimeout(stallLimit, () => request.destroy(new Error("nothing came for 30 s")));
    });
    request.on("error", (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
  });
}

async function checksum(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
