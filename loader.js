/*
 * Makes a start of Node short: one `pulumi up` starts four.
 *
 * The types of this project's TypeScript sources are stripped as they load, and what comes out is kept, by the content of the
 * source: each process would spend a tenth of a second on the same files again.
 *
 * Of what Pulumi's SDK loads, more than half is the TypeScript compiler and npm's solver of dependencies. They only serve
 * to upload functions to a cloud, so they are loaded when that is done first, which here is never.
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

for (const name of ["@pulumi/pulumi/typescript-shim", "@npmcli/arborist"]) loadWhenUsed(name);

/** Puts in a module's place what turns into it at the first touch. */
function loadWhenUsed(name) {
  let path;
  try {
    path = require.resolve(name);
  } catch {
    return; // not installed
  }
  const load = () => {
    if (require.cache[path] === placeholder) delete require.cache[path];
    return require(path);
  };
  // An ES module in CommonJS's clothes: compiled imports take it as it is, where of others they copy every property.
  const get = (_, key) => (key === "__esModule" ? true : load()[key]);
  const placeholder = { id: path, filename: path, loaded: true, children: [], exports: new Proxy({}, { get }) };
  require.cache[path] = placeholder;
}

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
