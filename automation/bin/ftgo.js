#!/usr/bin/env node
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS, so that Node runs it as it is */
// Sources are TypeScript whose types are stripped as they load; everything else is in ../cli.
require("sucrase/register/ts");
require("../cli").main(process.argv.slice(2));
