/*
 * Strips the types of this project's TypeScript sources as they load and keeps what comes out, by the content of the source.
 * One `pulumi up` starts four Node processes, and each would spend a tenth of a second on the same files again.
 */
"use strict";
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS, so that Node runs it as it is */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const folder = join(__dirname, "node_modules", ".cache", "ftgo", require("sucrase/package.json").version);

require.extensions[".ts"] = (module, path) => {
  const source = readFileSync(path, "utf8");
  const kept = join(folder, `${createHash("sha256").update(source).digest("hex")}.js`);
  module._compile(read(kept) ?? keep(kept, strip(source, path)), path);
};

function strip(source, filePath) {
  return require("sucrase").transform(source, { filePath, transforms: ["imports", "typescript"] }).code;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // not there yet
  }
}

function keep(path, code) {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.${process.pid}`, code);
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // Whoever may not write there waits the tenth of a second.
  }
  return code;
}
