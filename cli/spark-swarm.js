#!/usr/bin/env node
require("../transpile.cjs");

const { main } = require("./main.ts");
main(process.argv.slice(2)).then((status) => process.exit(status));
