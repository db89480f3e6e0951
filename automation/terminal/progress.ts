import type { Operation, Progress } from "../engine-events";
import type { Terminal } from "./terminal";
import { formatDuration, kindOf, styles } from "./text";

/** Shows what the engine does while it does it. Call `end` before anything else is written. */
export interface ProgressView {
  readonly show: (progress: Progress) => void;
  readonly end: () => void;
}

/**
 * On a person's terminal a few lines that are drawn over; elsewhere a line for everything that is done.
 * @param footer one more of the lines that are drawn over. @default none
 */
export function progressView(terminal: Terminal, footer?: () => string): ProgressView {
  return terminal.live ? liveView(terminal, footer) : plainView(terminal);
}

const doing: Record<Operation, string> = {
  create: "creating",
  update: "updating",
  replace: "replacing",
  delete: "deleting",
  read: "reading",
  refresh: "looking at",
};
const did: Record<Operation, string> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  read: "read",
  refresh: "looked at",
};

function plainView(terminal: Terminal): ProgressView {
  return {
    show(progress) {
      const line = finishedLine(progress);
      if (line !== undefined) terminal.err(`${line}\n`);
    },
    end: () => undefined,
  };
}

/** What stays on the screen; looking at something and passing remarks do not. */
function finishedLine(progress: Progress): string | undefined {
  switch (progress.kind) {
    case "done":
      if (progress.operation === "refresh" || progress.operation === "read") return undefined;
      return `  ${did[progress.operation]} ${what(progress)} (${formatDuration(progress.durationMs)})`;
    case "failed":
      return `  failed: ${what(progress)} (${formatDuration(progress.durationMs)})`;
    case "notice":
      return `  ${progress.text}`;
    case "message":
      // Errors are told at the end, with their resource.
      return progress.severity === "warning"
        ? `  warning: ${at(progress.name)}${progress.text.replaceAll("\n", "\n    ")}`
        : undefined;
    case "started":
      return undefined;
  }
}

const rows = 8;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

function liveView(terminal: Terminal, footer?: () => string): ProgressView {
  const style = styles(terminal.color);
  const running = new Map<string, { text: string; remark: string; since: number }>();
  const finished = new Map<Operation, number>();
  const started = Date.now();
  let drawn = 0;
  let frame = 0;

  const erase = () => {
    if (drawn > 0) terminal.err(`\x1b[${drawn}F\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    erase();
    const spinner = frames[(frame = (frame + 1) % frames.length)] ?? "";
    const counts = [...finished].map(([operation, count]) => `${count} ${did[operation]}`).join(", ");
    const shown = [...running.values()].slice(0, rows).map(({ text, remark, since }) => {
      const age = Date.now() - since;
      return `    ${text}${age < 1000 ? "" : style.dim(` ${formatDuration(age)}`)}${remark && style.dim(`  ${remark}`)}`;
    });
    if (running.size > rows) shown.push(style.dim(`    and ${running.size - rows} more`));
    const lines = [`  ${spinner} ${formatDuration(Date.now() - started)}${counts && `  ${counts}`}`, ...shown];
    if (footer) lines.push(`    ${footer()}`);
    const width = process.stderr.columns || 80;
    terminal.err(lines.map((line) => `${clip(line, width)}\n`).join(""));
    drawn = lines.length;
  };
  const timer = setInterval(draw, 100);
  timer.unref();
  draw();

  return {
    show(progress) {
      switch (progress.kind) {
        case "started":
          running.set(keyOf(progress), {
            text: `${doing[progress.operation]} ${what(progress)}`,
            remark: "",
            since: Date.now(),
          });
          return;
        case "done":
          running.delete(keyOf(progress));
          if (progress.operation !== "refresh")
            finished.set(progress.operation, (finished.get(progress.operation) ?? 0) + 1);
          return;
        case "failed":
          running.delete(keyOf(progress));
          break;
        case "message": {
          const row = running.get(keyOf(progress));
          if (row && progress.severity === "info") row.remark = progress.text.split("\n")[0] ?? "";
          break;
        }
        case "notice":
          break;
      }
      const line = finishedLine(progress);
      if (line === undefined) return;
      erase();
      terminal.err(`${progress.kind === "failed" ? style.bad(line) : style.note(line)}\n`);
      draw();
    },
    end() {
      clearInterval(timer);
      erase();
    },
  };
}

/** Names alone are not unique: a chart's objects are often called the same. */
function what({ name, type }: { readonly name: string; readonly type: string }): string {
  return `${kindOf(type)} ${name}`;
}

function keyOf({ name, type }: { readonly name: string; readonly type: string }): string {
  return `${type}::${name}`;
}

function at(name: string): string {
  return name === "" ? "" : `${name}: `;
}

/** A line that wraps would be two to erase. Colours are cut with the rest, so they are ended. */
function clip(line: string, width: number): string {
  return line.length < width ? line : `${line.slice(0, width - 2)}…\x1b[0m`;
}
