// `npm test`: everything that is tested, one suite after another, and at the end what ran and how long.
import { execa } from "execa";

interface Outcome {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly exitCode: number;
}

async function run(suite: string): Promise<Outcome> {
  const start = Date.now();
  const { stdout, exitCode = 1 } = await execa("npm", ["run", "--silent", suite], {
    stdio: ["ignore", ["inherit", "pipe"], "inherit"],
    reject: false,
  });
  const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}`, "m").exec(stdout)?.[1] ?? 0);
  const seconds = Math.round((Date.now() - start) / 1000);
  return { suite, passed: count("passing"), failed: count("failing"), seconds, exitCode };
}

async function main(): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const suite of ["lint", "test:unit", "test:engine"]) {
    outcomes.push(await run(suite));
    if (outcomes.at(-1)?.exitCode !== 0) break;
  }
  const sum = (key: "passed" | "failed" | "seconds") => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  for (const { suite, passed, failed, seconds, exitCode } of outcomes) {
    const counts = suite === "lint" ? "" : `${passed} passed, ${failed} failed`;
    console.log(
      `${suite.padEnd(14)}${(exitCode === 0 ? "ok" : "FAILED").padEnd(8)}${`${seconds} s`.padStart(6)}  ${counts}`,
    );
  }
  console.log(`total ${sum("seconds")} s`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = outcomes.every(({ exitCode }) => exitCode === 0) ? 0 : 1;
}

void main();
