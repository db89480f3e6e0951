// What property tests try is told by one number, which a failing one prints: `FTGO_SEED=<seed> npx mocha <file>` tries the
// same values again. `npm test` tries the same ones each time, so that what fails there is due to a change; the soaks try new ones.
import { randomInt } from "node:crypto";
import fc from "fast-check";

const isSoak = process.env["FTGO_RUNS"] !== undefined;
const seed = Number(process.env["FTGO_SEED"] ?? (isSoak ? randomInt(2 ** 31) : 1));
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
