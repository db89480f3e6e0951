import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const checkout = join(__dirname, "..", "..");

describe("the loader of TypeScript sources", () => {
  let folder: string;
  const file = (...names: string[]) => join(folder, ...names);
  const cache = () => file("node_modules", ".cache");
  const kept = () => readdirSync(cache(), { recursive: true }).filter((name) => String(name).endsWith(".js"));
  const run = (source: string, variables: NodeJS.ProcessEnv = {}) => {
    writeFileSync(file("main.ts"), source);
    const { stdout, stderr } = spawnSync(process.execPath, ["-r", "./loader.js", "./main.ts"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, ...variables, NODE_V8_COVERAGE: undefined }, // what is measured is not kept
    });
    return stdout || stderr;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ftgo-loader-"));
    cpSync(join(checkout, "loader.js"), file("loader.js"));
    mkdirSync(file("node_modules"));
    symlinkSync(join(checkout, "node_modules", "sucrase"), file("node_modules", "sucrase"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("keeps what it has stripped, and reads it the next time", () => {
    const source = "const n: number = 1;\nconsole.log(n);";
    assert.equal(run(source), "1\n");
    const [name] = kept();
    assert.ok(name);
    writeFileSync(join(cache(), String(name)), "console.log('kept')");
    assert.equal(run(source), "kept\n");
  });

  it("strips a source anew once it has changed", () => {
    assert.equal(run("console.log(1 as number)"), "1\n");
    assert.equal(run("console.log(2 as number)"), "2\n");
    assert.equal(kept().length, 2);
  });

  it("names the line of the source in an error", () => {
    assert.match(run("interface A {\n  b: string;\n}\nthrow new Error(String(1 as unknown as A));"), /main\.ts:4\b/);
  });

  it("works where it can keep nothing", () => {
    writeFileSync(cache(), "");
    chmodSync(file("node_modules"), 0o555);
    assert.equal(run("console.log(1 as number)"), "1\n");
  });

  it("leaves the compiler and the solver of dependencies out of a start, until a function is serialized", () => {
    symlinkSync(join(checkout, "node_modules", "@pulumi"), file("node_modules", "@pulumi"));
    symlinkSync(join(checkout, "node_modules", "@npmcli"), file("node_modules", "@npmcli"));
    writeFileSync(file("package.json"), "{}");
    const source = `
      const kinds = ["/typescript/lib/typescript.js", "/arborist/lib/arborist/index.js"];
      const loaded = () => Object.keys(require.cache).filter((path) => kinds.some((kind) => path.endsWith(kind))).length;
      const { runtime } = require("@pulumi/pulumi");
      console.log(loaded());
      Promise.all([runtime.serializeFunction(() => 42), runtime.computeCodePaths()]).then(([{ text }]) => {
        console.log(loaded(), text.includes("42"));
      });`;
    assert.equal(run(source), "0\n2 true\n");
  });

  it("leaves the other languages of the check out of it, until one is asked for", () => {
    symlinkSync(join(checkout, "node_modules", "zod"), file("node_modules", "zod"));
    const source = `
      const loaded = () => Object.keys(require.cache).some((path) => path.endsWith("/locales/de.cjs"));
      const { z } = require("zod");
      const isGerman = () => z.string().safeParse(1).error?.issues[0]?.message.startsWith("Ungültig");
      console.log(isGerman(), loaded());
      z.config(z.locales.de());
      console.log(isGerman(), loaded());`;
    assert.equal(run(source), "false false\ntrue true\n");
  });

  it("spares the SDK to look up what a chart is made of", () => {
    symlinkSync(join(checkout, "node_modules", "@pulumi"), file("node_modules", "@pulumi"));
    assert.equal(run('console.log(require("@pulumi/pulumi/utils").disableResourceReferences)'), "true\n");
  });

  it("spares the SDK to note where resources and promises are made, until it is debugged", () => {
    symlinkSync(join(checkout, "node_modules", "@pulumi"), file("node_modules", "@pulumi"));
    const source = `
      const { Resource } = require("@pulumi/pulumi");
      const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
      const promise = Promise.resolve();
      void debuggablePromise(promise, "");
      const lines = (stack) => stack.split("\\n").length > 1;
      console.log(Resource.callsites().length > 0, lines(promise._debugStackTrace), lines(new Error().stack));`;
    assert.equal(run(source), "false false true\n");
    assert.equal(run(source, { PULUMI_DEBUG_PROMISE_LEAKS: "true" }), "true true true\n");
  });

  it("spares the SDK to look up the lines of every stack in source maps", () => {
    symlinkSync(join(checkout, "node_modules", "source-map-support"), file("node_modules", "source-map-support"));
    const source = `
      const before = Error.prepareStackTrace;
      require("source-map-support/register");
      console.log(Error.prepareStackTrace === before);`;
    assert.equal(run(source), "true\n");
  });
});
