import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkTree, packJob, sendFiles } from "../../../cli/files/pack";
import { run, start } from "../../../cli/programs";

describe("files that are packed", () => {
  let folder: string;
  const path = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spark-swarm-pack-"));
    for (const name of ["here/logs/more", "staging", "there"]) {
      mkdirSync(path(name), { recursive: true });
    }
    writeFileSync(path("here/logs/a"), "1");
    writeFileSync(path("here/logs/more/b c"), "2");
    writeFileSync(path("here/run.sh"), "3", { mode: 0o755 });
    symlinkSync("run.sh", path("here/link"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The content of an archive according to tar, without owners and times. */
  async function listed(archive: string): Promise<string[]> {
    const { stdout } = await run("tar", ["-t", "-v", "-f", archive]);
    const lines = stdout.split("\n").filter(Boolean);
    return lines.map((line) => line.replace(/^(\S+) .* \d\d:\d\d (.*)$/, "$1 $2")).sort();
  }

  it("make a job's archive, with links followed", async () => {
    const { tar, size } = await packJob(path("staging"), [
      { local: path("here/link"), sent: "main/job.py" },
      { local: path("here/logs/a"), sent: "files/a" },
    ]);
    equal(readFileSync(tar).length, size);
    const files = (await listed(tar)).filter((line) => line.startsWith("-"));
    deepEqual(files, ["-rw-r--r-- ./files/a", "-rwxr-xr-x ./main/job.py"]);
  });

  it("must all exist for a job", async () => {
    await rejects(packJob(path("staging"), [{ local: path("no"), sent: "main/no" }]), {
      code: "missingFile",
      message: /The job's files cannot be packed: ENOENT: .*main\/no/,
    });
  });

  it("are sent under their names, directories as a whole, one archive after the other", async () => {
    linkTree(path("staging"), [
      { from: path("here/logs"), to: "logs" },
      { from: path("here/run.sh"), to: "@run" },
    ]);
    const receiver = start("tar", ["-x", "-v", "--ignore-zeros", "-C", path("there")]);
    let bytes = 0;
    const count = (sent: number) => {
      bytes += sent;
    };
    equal(await sendFiles(receiver.child, path("staging"), ["logs"], count), undefined);
    equal(await sendFiles(receiver.child, path("staging"), ["@run"], count), undefined);
    receiver.child.stdin?.end();
    const { status, stdout } = await receiver.ended;
    equal(status, 0);
    match(stdout, /^\.\/logs\/\n[^@]*\.\/@run\n$/);
    equal(bytes % 512, 0);
    equal(readFileSync(path("there/logs/more/b c"), "utf8"), "2");
    equal(readFileSync(path("there/@run"), "utf8"), "3");
  });

  it("that cannot be read are named", async () => {
    symlinkSync("nowhere", path("here/logs/broken"));
    linkTree(path("staging"), [{ from: path("here/logs"), to: "logs" }]);
    const receiver = start("tar", ["-x", "-C", path("there")]);
    const problem = await sendFiles(receiver.child, path("staging"), ["logs"]);
    match(problem ?? "", /^ENOENT: .*logs\/broken/);
    receiver.child.stdin?.end();
    await receiver.ended;
  });

  it("may be read only in part: the reader reports why", async () => {
    writeFileSync(path("staging/large"), Buffer.alloc(10_000_000));
    const receiver = start("sh", ["-c", "exec <&-; exit 3"]);
    equal(await sendFiles(receiver.child, path("staging"), ["large"]), undefined);
    equal((await receiver.ended).status, 3);
  });
});
