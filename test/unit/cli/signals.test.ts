import { equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(__dirname, "../../..");
const program = `
  const { onSignals } = require(${JSON.stringify(join(root, "cli/terminal/signals.ts"))});
  onSignals((signal) => { console.log("received " + signal); process.exit(); });
  console.log("pid " + process.pid);
  setTimeout(() => { console.log("received nothing"); process.exit(); }, 10_000);
`;

describe("a program below npx", () => {
  it("gets the signal that has ended the shell between them", async () => {
    const node = [process.execPath, "--require", join(root, "transpile.cjs"), "-e", program];
    // Two commands, so that the shell stays.
    const shell = spawn("sh", ["-c", '"$@"; true', "sh", ...node], {
      env: { ...process.env, npm_command: "exec" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: shell.stdout });
    const [pid] = await once(lines, "line");
    match(pid, /^pid /);
    shell.kill("SIGTERM");
    const [received] = await once(lines, "line");
    equal(received, "received SIGTERM");
  });
});
