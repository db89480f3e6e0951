/*
 * Reports which lines the tests have reached, after `c8 npm test`: labs run copies of the checkout, and what is reached in one counts
 * for the file that it is a copy of.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";

const checkout = join(__dirname, "..");
const measured = join(checkout, "coverage", "tmp");
const copy = new RegExp(
  `${tmpdir()}/ftgo-platform-\\w{6}/(?:[^"]*?/)??(?=index\\.ts|(?:components|automation|local)/)`,
  "g",
);

for (const name of readdirSync(measured)) {
  const file = join(measured, name);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(copy, `${checkout}/`));
}
execaSync("c8", ["report"], { cwd: checkout, stdio: "inherit", preferLocal: true });
