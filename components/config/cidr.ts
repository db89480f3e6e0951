import { z } from "zod";

/** A CIDR block as numbers. */
export interface Cidr {
  /** The first address, as one unsigned number. */
  readonly base: number;
  /** How many leading bits all addresses share, 0 to 32. */
  readonly prefix: number;
}

/** Reads `a.b.c.d/n`; undefined when it is no CIDR block or has bits set behind its prefix. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a = NaN, b = NaN, c = NaN, d = NaN, prefix = NaN] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const base = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  return base % 2 ** (32 - prefix) === 0 ? { base, prefix } : undefined;
}

/** Whether all addresses of a block are in another one. */
export function isInside({ base, prefix }: Cidr, outer: Cidr): boolean {
  return prefix >= outer.prefix && base - (base % 2 ** (32 - outer.prefix)) === outer.base;
}

/** IPv4 addresses that share their first bits, such as `203.0.113.0/24`. */
export const cidrBlock = z.string().refine((value) => parseCidr(value) !== undefined, {
  error: "use a CIDR block that starts at its first address, such as 203.0.113.0/24, or 203.0.113.7/32 for one address",
});
