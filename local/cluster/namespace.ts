import { userInfo } from "node:os";
import { LocalError } from "../errors";
import { readIfThere } from "../files";
import { run } from "../run";

/** What every way shares: own network and mounts, and own process numbers, so that nothing outlives the first process. */
const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child"];

/** A way to make the cluster's namespaces. */
export interface NamespaceWay {
  /** Options of `unshare`. */
  options: string[];
  /** Whether processes inside can be of several users, which sidecars need. */
  severalUsers: boolean;
}

/** The first way that this machine permits; undefined when none does. */
export async function findNamespaceWay(): Promise<NamespaceWay | undefined> {
  for (const way of ways()) {
    const done = await run("unshare", [...way.options, "true"], { limit: 5000 });
    if (done.code === 0) return way;
  }
  return undefined;
}

/** Options of `unshare` for the cluster. */
export async function namespaceOptions(): Promise<string[]> {
  const way = await findNamespaceWay();
  if (way) return way.options;
  throw new LocalError(
    "This machine does not let this user make namespaces, in which the cluster runs. `ftgo doctor` says why; often\n" +
      "    sudo sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0\nhelps.",
  );
}

function ways(): NamespaceWay[] {
  const asRoot = { options: namespaces, severalUsers: true };
  const manyUsers = { options: ["--map-root-user", "--map-auto", ...namespaces], severalUsers: true };
  const oneUser = { options: ["--map-root-user", ...namespaces], severalUsers: false };
  if (process.getuid?.() === 0) return [asRoot, oneUser];
  return hasSubordinateUsers() ? [manyUsers, oneUser] : [oneUser];
}

/** Whether /etc/subuid gives this user numbers for further users. */
export function hasSubordinateUsers(): boolean {
  const { uid, username } = userInfo();
  const lines = (readIfThere("/etc/subuid") ?? "").split("\n");
  return lines.some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`));
}
