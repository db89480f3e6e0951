/*
 * Makes a start of Node short: one `pulumi up` starts four.
 *
 * The types of this project's TypeScript sources are stripped as they load, and what comes out is kept, by the content of the
 * source: each process would spend a tenth of a second on the same files again. From version 22 on Node itself keeps what V8 makes
 * of all that is loaded, which is as much again.
 *
 * Of what Pulumi's SDK loads, more than half is the TypeScript compiler and npm's solver of dependencies. They only serve
 * to upload functions to a cloud, so they are loaded when that is done first, which here is never. Nor is what the check of
 * config would say in fifty other languages.
 *
 * The SDK would look each line of a stack up in source maps. What is stripped here keeps its lines, so it needs none. And it notes for
 * every resource and promise where it was made: those of resources are a seventh of the state, which the engine reads and writes whole.
 * That is for who debugs it, with PULUMI_DEBUG_PROMISE_LEAKS.
 *
 * A chart's resources come back to the program as references, and the SDK looks each of them up with all that it holds, Istio's
 * definitions with their megabytes: nobody here reads them.
 */
"use strict";
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS, so that Node runs it as it is */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

const folder = join(__dirname, "node_modules", ".cache", "ftgo", require("sucrase/package.json").version);

/** Whether V8 writes down what runs: `npm run coverage`. */
const isMeasured = Boolean(process.env.NODE_V8_COVERAGE);
if (!isMeasured) enableCompileCache?.(join(folder, "compiled"));

require.extensions[".ts"] = (module, path) => {
  const source = readFileSync(path, "utf8");
  const kept = join(folder, `${createHash("sha256").update(source).digest("hex")}.js`);
  // Of a file that is measured its path is in what comes out: two checkouts cannot share it.
  module._compile(isMeasured ? mapped(source, path) : (read(kept) ?? keep(kept, strip(source, path).code)), path);
};

for (const name of ["@pulumi/pulumi/typescript-shim", "@npmcli/arborist", "zod/v4/locales"]) put(name, loadedWhenUsed);
put("source-map-support/register", () => ({}));
const changes = new Map(
  process.env["PULUMI_DEBUG_PROMISE_LEAKS"]
    ? []
    : [
        [resolved("@pulumi/pulumi/resource"), ({ Resource }) => (Resource.callsites = () => [])],
        [
          resolved("@pulumi/pulumi/runtime/debuggable"),
          (module) => (module.debuggablePromise = withoutStack(module.debuggablePromise)),
        ],
      ],
);
const loadScript = require.extensions[".js"];
require.extensions[".js"] = (module, path) => {
  loadScript(module, path);
  changes.get(path)?.(module.exports);
};
process.env["PULUMI_DISABLE_RESOURCE_REFERENCES"] = "1";

/** Puts something in the place of a module, if that is installed. */
function put(name, exportsOf) {
  const path = resolved(name);
  if (path) require.cache[path] = { id: path, filename: path, loaded: true, children: [], exports: exportsOf(path) };
}

/** The file of a module; undefined when it is not installed. */
function resolved(name) {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** The function, without the stacks of the errors that it makes. */
function withoutStack(work) {
  return (...args) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return work(...args);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/** What turns into the module at the first touch. */
function loadedWhenUsed(path) {
  let touched = false;
  const load = () => {
    if (!touched) delete require.cache[path];
    touched = true;
    return require(path);
  };
  // An ES module in CommonJS's clothes: compiled imports take it as it is, where of others they copy every property.
  return new Proxy({}, { get: (_, key) => (key === "__esModule" ? true : load()[key]) });
}

function strip(source, filePath) {
  const sourceMapOptions = isMeasured ? { compiledFilename: filePath } : undefined;
  return require("sucrase").transform(source, { filePath, sourceMapOptions, transforms: ["imports", "typescript"] });
}

/** With the map that leads from what has run to the lines of the source. */
function mapped(source, path) {
  const { code, sourceMap } = strip(source, path);
  const map = Buffer.from(JSON.stringify(sourceMap)).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${map}`;
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
