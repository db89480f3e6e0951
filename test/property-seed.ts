// A property test that fails prints its seed: `FTGO_SEED=<seed> npx mocha <file>` tries the same values again.
import fc from "fast-check";

const { FTGO_SEED: seed } = process.env;
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
