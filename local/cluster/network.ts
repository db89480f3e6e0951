import { LocalError } from "../errors";
import { run } from "../run";
import { bridge, nodes } from "./addresses";

/** Gives the new network namespace its loopback, the bridge of the pods and the addresses of the nodes. */
export async function setUpNetwork(): Promise<void> {
  await ip("link", "set", "lo", "up");
  await ip("link", "add", bridge.name, "type", "bridge");
  await ip("address", "add", `${bridge.address}/${bridge.prefix}`, "dev", bridge.name);
  for (const { address } of nodes) await ip("address", "add", `${address}/32`, "dev", bridge.name);
  await ip("link", "set", bridge.name, "up");
}

/** Makes a pod's address one of this namespace. */
export async function addPodAddress(address: string): Promise<void> {
  await ip("address", "replace", `${address}/32`, "dev", bridge.name);
}

export async function removePodAddress(address: string): Promise<void> {
  await ip("address", "delete", `${address}/32`, "dev", bridge.name);
}

async function ip(...args: string[]): Promise<void> {
  const done = await run("ip", args);
  if (done.code === undefined)
    throw new LocalError("The command ip was not found. Install it: apt-get install iproute2");
  if (done.code !== 0) throw new LocalError(`ip ${args.join(" ")} failed: ${done.stderr.trim()}`);
}
