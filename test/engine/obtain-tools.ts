// Obtains every tool before the tests: a build takes minutes, which would count against a test's time.
import { ensureTools, toolNames } from "../../local";

ensureTools([...toolNames], (line) => process.stderr.write(`${line}\n`)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
