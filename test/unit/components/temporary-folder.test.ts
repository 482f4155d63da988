import { equal, ok } from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "../../../components/temporary-folder";

const ROOT = join(__dirname, "../../..");
/** A process that makes a folder, prints its path, then runs `then`. */
const maker = (then: string) => [
  "--require",
  join(ROOT, "transpile.cjs"),
  "-e",
  `console.log(require("${join(ROOT, "components/temporary-folder.ts")}").temporaryFolder().path); ${then}`,
];
/** The id of a process that has ended. */
const gone = () => spawnSync("true").pid;

describe("a temporary folder", () => {
  it("is this user's alone, and can be removed early", () => {
    const folder = temporaryFolder();
    equal(statSync(folder.path).mode & 0o777, 0o700);
    equal(readdirSync(folder.path).length, 0);
    folder.remove();
    equal(existsSync(folder.path), false);
  });

  it("ends with its process", () => {
    const { stdout, stderr } = spawnSync(process.execPath, maker(""), { encoding: "utf8" });
    ok(stdout.startsWith(tmpdir()), stderr);
    equal(existsSync(stdout.trim()), false);
  });

  it("of a killed process is removed by the next one; that of a running one stays", async () => {
    const child = spawn(process.execPath, maker("setInterval(() => {}, 1000)"));
    const path = await new Promise<string>((resolve) =>
      child.stdout.once("data", (text) => resolve(`${text}`.trim())),
    );
    temporaryFolder().remove();
    ok(existsSync(path));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    ok(existsSync(path));
    temporaryFolder().remove();
    equal(existsSync(path), false);
  });

  it("of another user stays: it cannot be removed", () => {
    const other = mkdtempSync(join(tmpdir(), `sswarm-${gone()}-`));
    const { getuid } = process;
    process.getuid = () => statSync(other).uid + 1;
    try {
      temporaryFolder().remove();
      ok(existsSync(other));
    } finally {
      process.getuid = getuid;
    }
    temporaryFolder().remove();
    equal(existsSync(other), false);
  });
});
