import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "../../../cli/exit-codes";
import { version } from "../../../package.json";

const root = join(__dirname, "..", "..", "..");

function sparkSwarm(...args: string[]) {
  const program = join(root, "cli/spark-swarm.js");
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
}

describe("the command line", function () {
  this.timeout(10_000);

  it("lists every command in --help", () => {
    const { status, stdout } = sparkSwarm("--help");
    assert.equal(status, exitCodes.ok);
    for (const file of readdirSync(join(root, "cli/commands"))) {
      assert.match(stdout, new RegExp(`spark-swarm ${file.replace(".ts", "")}\\b`));
    }
  });

  for (const file of readdirSync(join(root, "cli/commands"))) {
    const command = file.replace(".ts", "");
    it(`gives ${command} --help and --stack`, () => {
      const { status, stdout } = sparkSwarm(command, "--help");
      assert.equal(status, exitCodes.ok);
      assert.match(stdout, /--stack/);
    });
  }

  it("prints its version", () => {
    const { status, stdout } = sparkSwarm("--version");
    assert.equal(status, exitCodes.ok);
    assert.equal(stdout, `${version}\n`);
  });

  it("suggests the closest command", () => {
    const { status, stderr } = sparkSwarm("submti", "pi.py");
    assert.equal(status, exitCodes.usage);
    assert.match(stderr, /Did you mean submit\?/);
  });

  for (const [what, args, message] of [
    ["no command", [], /one of the commands below/],
    ["an unknown option", ["status", "--jsno"], /Unknown argument: jsno/],
    ["a missing file", ["submit"], /An argument is missing/],
    ["an option given twice", ["status", "--stack", "a", "--stack", "b"], /--stack is given twice/],
    ["a setting that is none", ["submit", "pi.py", "--conf", "spark.x"], /KEY=VALUE/],
    ["a setting that is none, in short", ["submit", "pi.py", "-c", "a=b", "-c", "c"], /KEY=VALUE/],
    [
      "an option that begins with a dash, as a value",
      ["submit", "pi.py", "--driver-java-options", "-Xss1m", "--master", "yarn"],
      /^spark-swarm: --master yarn/,
    ],
    ["a shell that there is not", ["shell", "bash"], /pyspark/],
    ["an empty statement", ["sql", "-e", " "], /the statement is empty/],
    ["a form of nothing", ["sql", "--csv"], /--csv and --json need -e STATEMENT/],
    ["a port that is none", ["tunnel", "--port", "99999"], /1 to 65535/],
    ["a service without a port", ["tunnel", "--forward", "web"], /--forward web: .* web:8000/],
    [
      "a service's port that is none",
      ["tunnel", "--forward", "web:65536"],
      /web:65536: .* web:8000/,
    ],
    ["stopping and starting at once", ["tunnel", "--stop", "--background"], /mutually exclusive/],
    ["a duration that is none", ["extend", "2"], /a number and a unit/],
    ["a half worker", ["ephemeral", "pi.py", "--workers", "0.5"], /whole number, 1 or more/],
    [
      "an emulator of this machine",
      ["ephemeral", "pi.py", "--emulated"],
      /--emulated needs one of/,
    ],
    [
      "a name for an ephemeral stack",
      ["ephemeral", "pi.py", "--stack", "x"],
      /creates its own stack/,
    ],
    ["a place in no store", ["ls", "data"], /such as \/data\/out, or s3a:\/\/BUCKET/],
    ["to remove everything", ["rm", "-r", "/data", "/"], /this would remove everything/],
    ["to fetch everything", ["get", "/"], /name files or folders in it/],
    ["an unknown format", ["get", "/data/out", "--as", "out.xlsx"], /\.csv, \.json or \.parquet/],
    ["two folders as one file", ["get", "/a", "/b", "--as", "o.csv"], /exactly one PATH/],
    ["a header of whole files", ["get", "/a", "--header"], /--header needs --as/],
    ["a clone of nothing", ["clone", "--to", "b"], /from/],
    [
      "a clone by --stack",
      ["clone", "--from", "a", "--to", "b", "--stack", "a"],
      /--from and --to/,
    ],
    [
      "a size for the same cloud",
      ["clone", "--from", "a", "--to", "b", "--workers-size", "t3.large"],
      /need --cloud/,
    ],
    ["a job's argument before --", ["submit", "pi.py", "200"], /Unknown argument: 200/],
  ] as const) {
    it(`refuses ${what}`, () => {
      const { status, stderr } = sparkSwarm(...args);
      assert.equal(status, exitCodes.usage, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }

  it("prints errors as JSON with --json", () => {
    const { status, stdout, stderr } = sparkSwarm("copy", "no-such-file", "--json");
    assert.equal(status, exitCodes.missingFile);
    assert.deepEqual(JSON.parse(stdout), {
      error: {
        code: "missingFile",
        status: exitCodes.missingFile,
        message: "There is no file no-such-file here.",
      },
    });
    assert.equal(stderr, "");
  });

  it("completes commands and options", () => {
    const commands = sparkSwarm("--get-yargs-completions", "spark-swarm", "t");
    assert.match(commands.stdout, /^tunnel/m);
    const options = sparkSwarm("--get-yargs-completions", "spark-swarm", "tunnel", "--ba");
    assert.match(options.stdout, /^--background/m);
  });
});
