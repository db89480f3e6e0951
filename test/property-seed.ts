// What property tests try is told by one number: `FTGO_SEED=<seed> npx mocha <file>` tries the same values again.
import { randomInt } from "node:crypto";
import fc from "fast-check";

const seed = Number(process.env["FTGO_SEED"] ?? randomInt(2 ** 31));
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
