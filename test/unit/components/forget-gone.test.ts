import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const FORGET = join(__dirname, "../../../images/spark/forget_gone.py");

describe("images/spark/forget_gone.py", () => {
  let folder: string;
  let server: Server;
  let here: string;
  let nowhere: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "records-"));
    server = createServer((socket) => socket.destroy());
    const other = createServer();
    for (const one of [server, other]) await once(one.listen(0, "127.0.0.1"), "listening");
    const addressOf = (one: Server) => `127.0.0.1:${(one.address() as AddressInfo).port}`;
    [here, nowhere] = [addressOf(server), addressOf(other)];
    await once(other.close(), "close");
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** Runs it on these records, and returns those that are left. */
  async function left(records: Record<string, string>): Promise<string[]> {
    for (const [name, content] of Object.entries(records)) {
      writeFileSync(join(folder, name), content);
    }
    const child = spawn("python3", [FORGET, folder], { stdio: ["ignore", "inherit", "pipe"] });
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
    assert.equal(status, 0, said);
    const stay = readdirSync(folder).sort();
    for (const name of Object.keys(records))
      assert.equal(said.includes(name), !stay.includes(name));
    return stay;
  }

  const binary = (what: string) => `\xac\xed\x00\x05sr${what}\x00\x01`;

  it("keeps only the records of workers and applications that answer", async () => {
    const records = {
      "worker_worker-1": binary(`spark://Worker@${here}`),
      "worker_worker-2": binary(`spark://Worker@${nowhere}`),
      "app_app-1": binary(`spark://CoarseGrainedScheduler@${nowhere}xspark://AppClient@${here}`),
      "app_app-2": binary(`spark://CoarseGrainedScheduler@${here}xspark://AppClient@${nowhere}`),
    };
    assert.deepEqual(await left(records), ["app_app-1", "worker_worker-1"]);
  });

  it("removes truncated records", async () => {
    assert.deepEqual(await left({ "worker_worker-1": "", "app_app-1": binary("spark://App") }), []);
  });

  it("does nothing without records", async () => {
    assert.deepEqual(await left({}), []);
  });
});
