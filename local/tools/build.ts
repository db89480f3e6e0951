import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../errors";
import { lastLines, run } from "../run";
import type { GoModule } from "./manifest";

const outputLines = 25;

/** The folder that pins a Go module's version and checksums. */
function goModuleFolder(module: string): string {
  return join(__dirname, "go", module);
}

/** The environment of every `go` command: nothing of the user's settings, but the proxy, changes what is built. */
export function goEnvironment(workFolder: string): Record<string, string> {
  return {
    // Each has a value: where one is empty, `go env -w` has its say.
    GOFLAGS: "-trimpath",
    GOOS: process.platform,
    GOARCH: process.arch === "x64" ? "amd64" : process.arch,
    GOWORK: "off",
    GOTOOLCHAIN: "local", // the Go that is here, or a clear message; never another one downloaded unasked
    CGO_ENABLED: "0", // no C compiler is needed, and the result runs everywhere
    GOTMPDIR: workFolder,
  };
}

/**
 * Builds a tool from its pinned module into a folder, with the help of the module proxy alone.
 * @param signal ends the build
 * @throws LocalError with the end of what `go` said, and what may help
 */
export async function build(source: GoModule, name: string, folder: string, signal: AbortSignal): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const variables = Object.entries(source.variables).map(([key, value]) => `-X ${key}=${value}`);
  // The linker leaves out what a debugger would read; the compiler needs a seventh of its time for it.
  const noDebugging = ["-gcflags=all=-dwarf=false", "-ldflags", ["-s -w", ...variables].join(" ")];
  const flags = ["-mod=readonly", "-buildvcs=false", ...noDebugging];
  const tags = source.tags ? ["-tags", source.tags.join()] : [];
  const overlay = source.embeds ? ["-overlay", await overlayOf(source, source.embeds, folder)] : [];
  const args = ["build", ...flags, ...tags, ...overlay, "-o", join(folder, name), source.package];
  await go(args, source.module, folder, signal);
}

/** Writes what tells `go` to find an embedded file in its module. */
async function overlayOf(
  { module }: GoModule,
  embedded: NonNullable<GoModule["embeds"]>,
  folder: string,
): Promise<string> {
  const content = join(await sourcesOf(embedded.module, module, folder), embedded.path);
  const file = join(folder, ".overlay.json");
  writeFileSync(file, JSON.stringify({ Replace: { [join(goModuleFolder(module), embedded.name)]: content } }));
  return file;
}

/** The folder of the module cache with the sources of a module that another one pins. */
export async function sourcesOf(path: string, module: string, workFolder: string): Promise<string> {
  await go(["mod", "download", path], module, workFolder);
  return (await go(["list", "-m", "-f", "{{.Dir}}", path], module, workFolder)).trim();
}

/** Runs `go` in the folder of a module. It dies with this process, so that a killed build does not go on beside the next. */
export async function go(args: string[], module: string, workFolder: string, signal?: AbortSignal): Promise<string> {
  const options = { cwd: goModuleFolder(module), env: goEnvironment(workFolder), signal };
  const done = await run("setpriv", ["--pdeathsig", "KILL", "go", ...args], options);
  if (done.code === 0) return done.stdout;
  const output = lastLines(done.stderr || done.stdout, outputLines);
  throw new LocalError(`\`go ${args[0] ?? ""}\` of ${args.at(-1) ?? module} failed:\n${output}\n${hint(output)}`);
}

function hint(output: string): string {
  if (/ENOENT|failed to execute go/.test(output)) return "Go and setpriv are needed to build it: see `ftgo doctor`.";
  if (output.includes("requires go >=")) return "The Go on this machine is too old: see `ftgo doctor`.";
  if (/no space left/i.test(output))
    return "The disk is full: builds need about 10 GB in Go's cache and the module cache.";
  if (/dial tcp|i\/o timeout|no such host|proxyconnect|TLS handshake/.test(output))
    return "The Go module proxy cannot be reached. If there is one of your own, set GOPROXY (`go env -w GOPROXY=…`).";
  if (/signal: killed|cannot allocate memory/.test(output)) return "Memory ran out: a build needs about 3 GB.";
  return "Run the command again to go on; if it fails in the same way, `ftgo doctor` may say why.";
}
