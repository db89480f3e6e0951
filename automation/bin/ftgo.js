#!/usr/bin/env node
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS, so that Node runs it as it is */
// Sources are TypeScript whose types are stripped as they load; everything else is in ../cli.
try {
  require("../../loader");
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
  console.error("error: the packages of this project are not installed; run `npm ci` in its folder first");
  process.exit(3);
}
require("../cli").main(process.argv.slice(2));
