import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Whether a word without anything to quote stands in a text: as it is, in hexadecimal, or within something in base64. */
export function holds(text: string, word: string): boolean {
  const bytes = Buffer.from(word);
  if (text.includes(word) || text.toLowerCase().includes(bytes.toString("hex"))) return true;
  // A letter of base64 has six bits: how the word begins in it depends on what stands before.
  return [0, 1, 2].some((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const whole = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return text.includes(whole);
  });
}

/** The files in a folder, also in folders below it, that hold a word; those in folders with one of these names are left out. */
export function filesThatHold(word: string, folder: string, ...leftOut: string[]): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return leftOut.includes(entry.name) ? [] : filesThatHold(word, path, ...leftOut);
    return entry.isFile() && holds(readFileSync(path, "latin1"), word) ? [path] : [];
  });
}

/** Looks again and again at the arguments of all processes, until it is stopped. */
export class ArgumentWatch {
  private readonly found = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  looks = 0;

  constructor(private readonly word: string) {
    this.timer = setInterval(() => this.look(), 10);
  }

  /** @returns the command lines that held the word */
  stop(): string[] {
    clearInterval(this.timer);
    return [...this.found];
  }

  private look(): void {
    this.looks += 1;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const line = commandLine(pid);
      if (holds(line, this.word)) this.found.add(line);
    }
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return ""; // it has just ended
  }
}
