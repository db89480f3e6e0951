import { z } from "zod";
import { amountOf, bytes, cpus } from "./quantity";

const amounts = z.strictObject({ cpu: cpus.optional(), memory: bytes.optional() });
type Amounts = z.output<typeof amounts>;

const defaults = { cpu: "250m", memory: "512Mi" };

/** What a container reserves, and the most it gets. A default gives way to what is said beside it. */
export const resources = z
  .strictObject({
    requests: amounts.prefault({}).describe("What the scheduler reserves. Default 250m CPU, 512Mi."),
    limits: amounts.prefault({}).describe("The most a container gets. Default: no CPU limit, 512Mi."),
  })
  .superRefine(({ requests, limits }, context) => {
    for (const name of ["cpu", "memory"] as const) {
      if (amountOf(requests[name] ?? "0") <= amountOf(limits[name] ?? "")) continue;
      const message = `it must not be more than the limit, ${limits[name] ?? ""}`;
      context.addIssue({ code: "custom", path: ["requests", name], message });
    }
  })
  .transform(({ requests, limits }) => {
    const most: Amounts = { ...limits, memory: limits.memory ?? larger(defaults.memory, requests.memory) };
    const least = {
      cpu: requests.cpu ?? smaller(defaults.cpu, most.cpu),
      memory: requests.memory ?? smaller(defaults.memory, most.memory),
    };
    return { requests: least, limits: most };
  });
export type Resources = z.output<typeof resources>;

function smaller(one: string, other = ""): string {
  return amountOf(other) < amountOf(one) ? other : one;
}

function larger(one: string, other = "0"): string {
  return amountOf(other) > amountOf(one) ? other : one;
}
