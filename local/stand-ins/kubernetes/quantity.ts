const units: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const form = /^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/;

/** True for what Kubernetes reads as an amount: `2`, `500m`, `1Gi`, `1e3`. */
export function isQuantity(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && form.test(value));
}

/** True if two amounts are the same however they are written: the server writes `1` where `1000m` was given. */
export function sameQuantity(a: string | number, b: string | number): boolean {
  const [x, y] = [amount(a), amount(b)];
  return Math.abs(x - y) <= Math.abs(x) * 1e-12;
}

function amount(value: string | number): number {
  const match = form.exec(String(value));
  if (!match) return Number.NaN;
  const [, digits = "", unit = ""] = match;
  const factor = units[unit] ?? Number(`1${unit}`);
  return Number(digits) * factor;
}
