import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gateway } from "../cluster/addresses";
import { ip } from "../cluster/network";
import { searchPath, writeWhole } from "../files";
import { hostPidOfChild } from "../processes";
import type { Pod } from "./pod";
import { namespaceOf } from "./pod";

let links = 0;

/** What the containers of a pod share: a network namespace with the pod's address, and who is asked for names. */
export class Sandbox {
  readonly #pause: ChildProcess;
  readonly #link: string;
  /** A command that runs another one, given by further arguments, in here. */
  readonly enter: string[];

  private constructor(pause: ChildProcess, hostPid: number, link: string) {
    this.#pause = pause;
    this.#link = link;
    const namespaces = `/proc/${hostPid}/ns`;
    this.enter = ["nsenter", `--net=${namespaces}/net`, `--mount=${namespaces}/mnt`, "--"];
  }

  /**
   * @param folder the pod's own
   * @param supervisor this process's number on the host, whose /proc is seen in here
   */
  static async create(pod: Pod, address: string, folder: string, supervisor: number): Promise<Sandbox> {
    const files = writeNames(pod, address, folder);
    // Like the pause container of a node: it holds the namespaces for as long as it lives.
    const script = `mount --bind "$1" /etc/resolv.conf && mount --bind "$2" /etc/hosts && echo && exec sleep infinity`;
    const pause = spawn("unshare", ["--net", "--mount", "sh", "-c", script, "pause", ...files], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: searchPath() },
    });
    const ended = once(pause, "exit").then(([code]) => {
      throw new Error(`no namespace for pod ${pod.metadata.name}: unshare ended with exit code ${code}`);
    });
    ended.catch(() => undefined);
    await Promise.race([once(pause.stdout, "data"), ended]);
    const hostPid = hostPidOfChild(supervisor, pause.pid ?? 0);
    if (hostPid === undefined) {
      pause.kill("SIGKILL");
      throw new Error(`the namespace of pod ${pod.metadata.name} is gone`);
    }
    const sandbox = new Sandbox(pause, hostPid, `pod${++links}`);
    try {
      await sandbox.#connect(address);
    } catch (error) {
      await sandbox.remove();
      throw error;
    }
    return sandbox;
  }

  /** A cable to the cluster's namespace, which is the next hop to everywhere: so its rules see every packet. */
  async #connect(address: string): Promise<void> {
    const link = this.#link;
    await ip([`link add ${link} type veth peer name eth0 netns ${this.#pause.pid}`, `link set ${link} up`]);
    await ip(
      [
        "link set lo up",
        `address add ${address}/32 dev eth0`,
        "link set eth0 up",
        `route add ${gateway} dev eth0`,
        `route add default via ${gateway}`,
      ],
      this.enter,
    );
    await ip([`route replace ${address}/32 dev ${link} src ${gateway}`]);
  }

  async remove(): Promise<void> {
    // A killed namespace lets go of it a moment later: its address might have another owner by then.
    await ip([`link delete ${this.#link}`]).catch(() => undefined);
    this.#pause.kill("SIGKILL");
  }
}

/** @returns the paths of the pod's `resolv.conf` and `hosts` */
function writeNames(pod: Pod, address: string, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const domain = "svc.cluster.local";
  const search = [`${namespaceOf(pod)}.${domain}`, domain, "cluster.local"].join(" ");
  const [resolver, hosts] = [join(folder, "resolv.conf"), join(folder, "hosts")];
  writeWhole(resolver, `search ${search}\nnameserver ${gateway}\noptions ndots:5\n`, 0o644);
  writeWhole(hosts, `127.0.0.1\tlocalhost\n${address}\t${pod.metadata.name}\n`, 0o644);
  return [resolver, hosts];
}
