#!/usr/bin/env node
// Starts the command-line tool, scripts/cli/main.ts. TypeScript is transpiled by swc as it is loaded:
// a whole `--help` takes a quarter of a second, where the TypeScript compiler alone takes that to load.
const { readFileSync } = require("node:fs");
const { transformSync } = require("@swc/core");

require.extensions[".ts"] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, "utf8"), {
    filename,
    swcrc: false,
    configFile: false,
    sourceMaps: "inline",
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs" },
  });
  module._compile(code, filename);
};

const { main } = require("./cli/main.ts");
main(process.argv.slice(2)).then((status) => process.exit(status));
