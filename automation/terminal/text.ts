import { styleText } from "node:util";

/** Styles for one output; without colour they leave the text as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly note: (text: string) => string;
  readonly canary: (text: string) => string;
}

export function styles(color: boolean): Style {
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    color && text !== "" ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    good: paint("green"),
    bad: paint("red"),
    note: paint("yellow"),
    canary: paint("cyan"),
  };
}

/** `0.4 s`, `12 s`, `3 min 5 s` */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Columns of text, as wide as they need to be. Styles take no room. */
export function table(rows: readonly (readonly string[])[], indent = ""): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => visible(row[column] ?? ""))));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - visible(cell)))).join("  "),
  );
  return lines.map((line) => `${indent}${line.trimEnd()}\n`).join("");
}

/** A bar of `width` characters, `percent` of it full. A share that is not zero shows. */
export function bar(percent: number, width = 20): string {
  const full = percent === 0 ? 0 : Math.max(1, Math.round((percent / 100) * width));
  return "█".repeat(full) + "░".repeat(width - full);
}

function visible(text: string): number {
  return text.replace(/\x1b\[\d+m/g, "").length;
}

/** `kubernetes:apps/v1:Deployment` is a Deployment. */
export function kindOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}
