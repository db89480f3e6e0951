/*
 * Runs suites and says at the end what ran and how long: `run.ts lint+test:unit test:a,test:b+test:c` runs two suites at once,
 * and when both have ended two that follow each other beside a third. Each is an npm script.
 */
import { execa } from "execa";

interface Outcome {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly exitCode: number;
}

async function run(suite: string, isAlone: boolean): Promise<Outcome> {
  const start = Date.now();
  const name = suite.split(":").at(-1) ?? "";
  const named = function* (line: unknown) {
    yield isAlone ? line : `${name.padEnd(11)}| ${String(line)}`;
  };
  const { stdout, exitCode = 1 } = await execa("npm", ["run", "--silent", suite], {
    stdio: ["ignore", [named, "inherit", "pipe"], [named, "inherit"]],
    reject: false,
  });
  const count = (word: string) => Number(new RegExp(`^.*?\\s(\\d+) ${word}`, "m").exec(stdout)?.[1] ?? 0);
  return { suite, passed: count("passing"), failed: count("failing"), seconds: since(start), exitCode };
}

/** Runs suites one after the other. */
async function runLane(suites: readonly string[], isAlone: boolean): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const suite of suites) outcomes.push(await run(suite, isAlone));
  return outcomes;
}

const since = (start: number) => Math.round((Date.now() - start) / 1000);

async function main(stages: readonly string[]): Promise<void> {
  const start = Date.now();
  const all: Outcome[] = [];
  const lines: string[] = [];
  const tell = (what: string, result: string, seconds: number, counts = "") =>
    lines.push(`${what.padEnd(25)}${result.padEnd(8)}${`${seconds} s`.padStart(6)}  ${counts}`);
  for (const stage of stages) {
    const begin = Date.now();
    const lanes = stage.split("+").map((lane) => lane.split(","));
    const outcomes = (await Promise.all(lanes.map((suites) => runLane(suites, lanes.length === 1)))).flat();
    for (const { suite, passed, failed, seconds, exitCode } of outcomes) {
      const counts = suite.includes("test:") && passed + failed > 0 ? `${passed} passed, ${failed} failed` : "";
      tell(suite, exitCode === 0 ? "ok" : "FAILED", seconds, counts);
    }
    if (outcomes.length > 1) tell("  together", "", since(begin));
    all.push(...outcomes);
    if (outcomes.some(({ exitCode }) => exitCode !== 0)) break;
  }
  console.log(lines.join("\n"));
  const sum = (key: "passed" | "failed") => all.reduce((total, outcome) => total + outcome[key], 0);
  console.log(`total ${since(start)} s`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = all.every(({ exitCode }) => exitCode === 0) ? 0 : 1;
}

void main(process.argv.slice(2));
