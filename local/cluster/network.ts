import { writeFileSync } from "node:fs";
import { LocalError } from "../errors";
import { run } from "../run";
import { gateway, loadBalancerPrefix, nodes, serviceRange } from "./addresses";

/** Gives the cluster's network namespace its addresses, and lets it carry packets from pod to pod. */
export async function setUpNetwork(): Promise<void> {
  const own = [gateway, ...nodes.map(({ address }) => address)];
  // Packets to Services have to be on their way before kube-proxy's rules turn them elsewhere.
  const services = [serviceRange, `${loadBalancerPrefix}0/24`];
  await ip([
    ...own.map((address) => `address add ${address}/32 dev lo`),
    "link set lo up",
    ...services.map((range) => `route add ${range} dev lo src ${gateway}`),
  ]);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
}

/** Runs commands of `ip`, in the order given. @param within a command that runs another one elsewhere. @default - here */
export async function ip(commands: string[], within: string[] = []): Promise<void> {
  const [command = "", ...args] = [...within, "ip", "-batch", "-"];
  const done = await run(command, args, { input: commands.join("\n") });
  if (done.code === undefined)
    throw new LocalError("The command ip was not found. Install it: apt-get install iproute2");
  if (done.code !== 0) throw new LocalError(`ip failed: ${done.stderr.trim()}\n${commands.join("\n")}`);
}
