import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { leaveOut } from "../suite/measurement";
import { endPrograms, eventually, run, succeed } from "./harness/programs";
import { S3Server } from "./harness/s3-server";
import { repository, Stack } from "./harness/stack";

const archive = process.env.LIVY_ARCHIVE;
const LEFT_OUT =
  "Livy's archive is in no package registry; LIVY_ARCHIVE=PATH ./scripts/test test/e2e/livy.test.ts runs them";

const pi = readFileSync(join(repository, "examples/pi.py"), "utf8");
const uber = readFileSync(join(repository, "examples/data/uber.csv"), "utf8");

interface Statement {
  id: number;
  state: string;
  output: { status: string; data?: Record<string, unknown>; ename?: string };
}

describe("A cluster with Apache Livy", function () {
  this.timeout("25m");
  let stack: Stack;
  /** Livy's address at this end of a tunnel. */
  let address: string;
  let python: number;
  let scala: number;

  before("an S3 service, a cluster and a tunnel", async function () {
    if (!archive) return leaveOut(this, LEFT_OUT);
    const s3 = await S3Server.start();
    await s3.bucket("jobs", { "pi.py": pi });
    await s3.bucket("uber", { "uber.csv": uber });
    const config = {
      "manager.cpus": "2",
      "manager.memory": "6144",
      "workers.memory": "3072",
      "livy.archive": resolve(archive),
      "s3.endpoint": s3.endpoint,
      "s3.accessKey": "an-access-key",
      "s3.pathStyle": "true",
    };
    stack = await new Stack("livy").create(config, { "s3.secretKey": "a-secret-key" });
    await stack.up();
    const copied = await stack.sparkSwarm(["copy", join(repository, "examples/pi.py")]);
    equal(copied.status, 0, copied.output);
    const tunnel = stack.start(["tunnel", "--forward"], { seconds: 900 });
    [, address = ""] = await tunnel.says(/(http:\/\/localhost:\d+)\s+Livy$/m, 60);
  });
  after(endPrograms);

  async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const headers = { "content-type": "application/json", "x-requested-by": "a test" };
    const options = { method, headers, body: body && JSON.stringify(body) };
    const answer = await fetch(`${address}${path}`, options);
    const text = await answer.text();
    ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as Answer;
  }

  /** Waits until a session, statement or batch is in one of these states. */
  const inState = <Found extends { state: string }>(path: string, states: string[]) =>
    eventually(300, async () => {
      const found = await ask<Found>("GET", path);
      ok(states.includes(found.state), `${path}: ${JSON.stringify(found)}`);
      return found;
    });

  /** The id of a session that is ready. */
  async function session(kind: string): Promise<number> {
    const { id } = await ask<{ id: number }>("POST", "/sessions", { kind });
    await inState(`/sessions/${id}`, ["idle"]);
    return id;
  }

  async function output(id: number, code: string, kind?: string): Promise<Statement["output"]> {
    const statements = `/sessions/${id}/statements`;
    const statement = await ask<Statement>("POST", statements, { code, kind });
    const ended = await inState<Statement>(`${statements}/${statement.id}`, ["available"]);
    return ended.output;
  }
  const textOf = async (...args: Parameters<typeof output>) =>
    `${(await output(...args)).data?.["text/plain"]}`;
  const jsonOf = async (...args: Parameters<typeof output>) =>
    (await output(...args)).data?.["application/json"];

  it("runs Python and Scala in two sessions at once", async () => {
    [python, scala] = await Promise.all([session("pyspark"), session("spark")]);
    const sums = await Promise.all([
      textOf(python, "sc.parallelize(range(1, 10001), 4).sum()"),
      textOf(scala, "sc.parallelize(1 to 10000, 4).fold(0)(_ + _)"),
    ]);
    equal(sums[0], "50005000");
    match(sums[1], /: Int = 50005000$/m);
  });

  it("answers in JSON", async () => {
    const code =
      "squares = [row.asDict() for row in spark.range(3).selectExpr('id', 'id * id AS square').collect()]";
    deepEqual(await jsonOf(python, `${code}\n%json squares`), [
      { id: 0, square: 0 },
      { id: 1, square: 1 },
      { id: 2, square: 4 },
    ]);
    deepEqual(await jsonOf(scala, 'val ages = Map("Ada" -> 36)\n%json ages'), { Ada: 36 });
  });

  it("reports the error of a statement", async () => {
    const { status, ename } = await output(python, "1 / 0");
    deepEqual([status, ename], ["error", "ZeroDivisionError"]);
  });

  it("lets clients of a session share variables, in any language", async () => {
    const read = 'spark.read.csv("s3a://uber/uber.csv", header=True).cache()';
    await output(python, `pickups = ${read}\npickups.createOrReplaceTempView("pickups")`);
    const count = uber.trim().split("\n").length - 1;
    equal(await textOf(python, "pickups.count()"), `${count}`);
    match(
      await textOf(python, 'spark.table("pickups").count()', "spark"),
      RegExp(`= ${count}$`, "m"),
    );
    const answer = await jsonOf(python, "SELECT count(*) FROM pickups", "sql");
    deepEqual((answer as { data: unknown }).data, [[count]]);
  });

  it("takes a share of the cluster for a session, and exposes no secret", async () => {
    equal(await textOf(python, 'sc.getConf().get("spark.cores.max")'), "'1'");
    const seen = await stack.onHost(
      "manager",
      `livy=$(docker ps --quiet --filter label=com.docker.swarm.service.name=livy_server)
       docker inspect "$livy"
       docker logs "$livy" 2>&1
       docker exec "$livy" ps axww
       docker exec "$livy" curl -fsS http://livy:4040/environment/`,
    );
    match(seen, /spark\.authenticate\.secret<\/td><td>\*+\(redacted\)/);
    const sessions = await ask<object>("GET", "/sessions");
    const secret = await stack.onHost(
      "manager",
      'docker exec "$(docker ps --quiet --filter label=com.docker.swarm.service.name=livy_server)" cat /run/secrets/spark_secret',
    );
    for (const hidden of [secret.trim(), "an-access-key", "a-secret-key"]) {
      ok(hidden);
      ok(!`${seen}${JSON.stringify(sessions)}`.includes(hidden), hidden);
    }
  });

  it("releases the share when the session ends", async () => {
    for (const id of [python, scala]) await ask("DELETE", `/sessions/${id}`);
    await eventually(60, async () => deepEqual((await stack.status()).applications, []));
  });

  it("runs batches from /data and from S3", async () => {
    const ids = await Promise.all(
      ["/data/pi.py", "s3a://jobs/pi.py"].map(async (file) => {
        const batch = await ask<{ id: number }>("POST", "/batches", { file, args: ["2"] });
        return batch.id;
      }),
    );
    for (const id of ids) {
      const { state } = await inState(`/batches/${id}`, ["success", "dead", "error", "killed"]);
      const { log } = await ask<{ log: string[] }>("GET", `/batches/${id}/log?size=500`);
      equal(state, "success", log.join("\n"));
      ok(log.includes('{"pi": 3.1413132, "partitions": 2}'), log.join("\n"));
    }
  });

  it("keeps a store for two clients: examples/livy_store.py", async () => {
    const client = (...args: string[]) => [
      ...["python3", join(repository, "examples/livy_store.py"), "--livy", address],
      ...args,
    ];
    const one = (...args: string[]) => succeed(client(...args), { seconds: 330 });
    const value = { city: "New York", zones: [1, 2, null], "it's": '"quoted" \\ é' };
    // Each call is a separate client; two of them may be the first.
    await Promise.all([one("put", "b", "2"), one("put", "a", JSON.stringify(value))]);
    deepEqual(JSON.parse(await one("keys")), ["a", "b"]);
    deepEqual(JSON.parse(await one("get", "a")), value);
    const missing = await run(client("get", "c"), { seconds: 60 });
    deepEqual([missing.status, missing.stderr], [1, "KeyError: 'c'\n"]);
    await one("drop");
    deepEqual((await ask<{ sessions: object[] }>("GET", "/sessions")).sessions, []);
  });

  it("refuses requests that another web page could send", async () => {
    const refused = await fetch(`${address}/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"kind": "pyspark"}',
    });
    notEqual(refused.ok, true);
    deepEqual((await ask<{ sessions: object[] }>("GET", "/sessions")).sessions, []);
  });

  it("is not changed by a second up", async () => {
    await stack.up("--expect-no-changes");
    deepEqual((await stack.status()).problems, []);
  });
});
