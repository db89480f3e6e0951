import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import * as local from "../../local";

const execute = promisify(execFile);

/** A local cluster of a test's own, in a project folder of its own. */
export class Lab {
  readonly projectDir = realpathSync(mkdtempSync(join(tmpdir(), "ftgo lab, é-")));
  /** What was told to the person. */
  readonly told: string[] = [];
  readonly report = (message: string) => void this.told.push(message);

  /** @param traffic whether pods of FTGO's images run. @default they are only shown */
  start({ traffic = false } = {}): Promise<local.ClusterStatus> {
    return local.start(this.projectDir, this.report, { traffic });
  }

  stop(): Promise<void> {
    return local.stop(this.projectDir, this.report);
  }

  status(): Promise<local.ClusterStatus> {
    return local.status(this.projectDir);
  }

  /** Runs kubectl, of the pinned version, on this cluster. */
  async kubectl(...args: string[]): Promise<string> {
    const { kubectl } = await local.ensureTools(["kubectl"], this.report);
    const kubeconfig = join(this.projectDir, ".ftgo", "kubeconfig");
    const { stdout } = await execute(kubectl, ["--kubeconfig", kubeconfig, "--namespace", "default", ...args], {
      maxBuffer: 1 << 26,
    });
    return stdout.trim();
  }

  /** Applies manifests whose objects are in that namespace. */
  async apply(namespace: string, manifests: string, ...args: string[]): Promise<void> {
    const { kubectl } = await local.ensureTools(["kubectl"], this.report);
    const kubeconfig = join(this.projectDir, ".ftgo", "kubeconfig");
    execFileSync(kubectl, ["--kubeconfig", kubeconfig, "--namespace", namespace, "apply", ...args, "-f", "-"], {
      input: manifests,
      stdio: ["pipe", "ignore", "pipe"],
    });
  }

  /** Stops the cluster and takes everything away. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.projectDir, { recursive: true, force: true });
  }

  /** Command lines of the processes of this host that belong to the lab. */
  processes(): string[] {
    return this.found().map(({ line }) => line);
  }

  /** Numbers of those processes whose command line is wanted. */
  pids(isWanted: (line: string) => boolean): number[] {
    return this.found()
      .filter(({ line }) => isWanted(line))
      .map(({ pid }) => pid);
  }

  private found(): { pid: number; line: string }[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
          const here = line.includes(this.projectDir) || readlinkSync(`/proc/${pid}/cwd`).startsWith(this.projectDir);
          return here ? [{ pid: Number(pid), line }] : [];
        } catch {
          return []; // it has gone meanwhile
        }
      });
  }
}

/** Waits until the answer is true; what never comes ends in an error after two minutes. */
export async function until(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`not within two minutes: ${what}`);
    await pause(200);
  }
}
