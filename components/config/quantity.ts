import { z } from "zod";

const powers: Record<string, number> = { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const binaryPowers: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

const quantity = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.test(value), {
    error: "use a Kubernetes quantity such as 250m (CPU) or 512Mi (memory)",
    abort: true,
  });

/** An amount of CPU as Kubernetes writes it: `250m`, `2`. */
export const cpus = quantity.refine((value) => amountOf(value) <= 1024, {
  error: "no node has so many CPUs; use 250m for a quarter of one, or 2 for two",
});

/** An amount of memory or disk as Kubernetes writes it: `512Mi`, `1Gi`. */
export const bytes = quantity.refine((value) => amountOf(value) === 0 || amountOf(value) >= 2 ** 20, {
  error: "that is less than 1Mi; use a unit such as Mi or Gi",
});

/** A quantity as a number; none is infinite. */
export function amountOf(text: string): number {
  const [, number, unit = ""] = /^([\d.]+)(\w*)$/.exec(text) ?? [];
  return number === undefined ? Infinity : Number(number) * (powers[unit] ?? binaryPowers[unit] ?? 1);
}
