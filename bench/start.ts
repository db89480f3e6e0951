import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { compare, timed } from "./measure";

const checkout = join(__dirname, "..");

/** A fresh clone: the two commands of the README, with the tools there. */
export function cachedStart(): Promise<string> {
  return start("a fresh clone, tools cached", 3);
}

/** The same with an empty cache of tools and an empty one of Go: half an hour and more. */
export function coldStart(): Promise<string> {
  const cache = mkdtempSync(join(tmpdir(), "ftgo-cache-"));
  const empty = {
    XDG_CACHE_HOME: cache,
    GOCACHE: join(cache, "go-build"),
    GOMODCACHE: join(cache, "go-mod"),
    GOFLAGS: "-modcacherw",
  };
  return start("a fresh clone, nothing cached", 1, empty).finally(() => rmSync(cache, { recursive: true }));
}

async function start(title: string, rounds: number, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ftgo-fresh-"));
  const clone = join(folder, "ftgo");
  const inClone = (...command: [string, ...string[]]) => {
    const [file, ...args] = command;
    return execa(file, args, { cwd: clone, env });
  };
  const stop = () => inClone("npx", "ftgo", "local", "stop");
  const fresh = async () => {
    if (existsSync(join(clone, ".ftgo"))) await stop();
    rmSync(clone, { recursive: true, force: true });
    await execa("git", ["clone", "--quiet", checkout, clone]);
  };
  const clean = async () => {
    await fresh();
    await inClone("npm", "ci");
  };
  try {
    return await compare(
      {
        title,
        cases: [
          { what: "npm ci", prepare: fresh, run: () => timed(() => inClone("npm", "ci")) },
          { what: "npm start", prepare: clean, run: () => timed(() => inClone("npm", "start")) },
        ],
      },
      rounds,
      false,
    );
  } finally {
    if (existsSync(join(clone, ".ftgo"))) await stop();
    rmSync(folder, { recursive: true });
  }
}
