// Obtains every tool before the tests: a build takes minutes, which would count against a test's time.
import { ensureTools, toolNames } from "../../local";
import { obtainMariaDb } from "./mariadb";
import { obtainS3 } from "./s3";

async function obtain(): Promise<void> {
  await ensureTools([...toolNames], (line) => process.stderr.write(`${line}\n`));
  await obtainS3();
  const missing = await obtainMariaDb();
  if (missing !== undefined) process.stderr.write(`${missing}\n`);
}

obtain().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
