import { seconds } from "../report";
import type { Tool } from "./manifest";

/** How one tool was obtained. */
export interface Row {
  name: string;
  version: string;
  how: "on PATH" | "downloaded" | Tool["source"]["kind"];
  milliseconds: number;
}

const words: Record<Row["how"], string> = {
  "on PATH": "on PATH",
  downloaded: "downloaded",
  go: "built",
  wheel: "from a Python package",
  debian: "from Debian's packages",
};

/** A table for people of what took how long. @param total milliseconds of everything together */
export function table(rows: Row[], total: number): string {
  const cells = [
    ["tool", "version", "how", "time"],
    ...rows.map((row) => [row.name, row.version, words[row.how], seconds(row.milliseconds)]),
    ["all", "", "", seconds(total)],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
