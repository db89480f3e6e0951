import { z } from "zod";
import { quantity } from "./values";

const amounts = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() });
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

const powers: Record<string, number> = { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const binaryPowers: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** A quantity as a number; none is infinite. */
function amountOf(text: string): number {
  const [, number, unit = ""] = /^([\d.]+)(\w*)$/.exec(text) ?? [];
  return number === undefined ? Infinity : Number(number) * (powers[unit] ?? binaryPowers[unit] ?? 1);
}

function smaller(one: string, other = ""): string {
  return amountOf(other) < amountOf(one) ? other : one;
}

function larger(one: string, other = "0"): string {
  return amountOf(other) > amountOf(one) ? other : one;
}
