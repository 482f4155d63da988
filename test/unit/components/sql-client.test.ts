import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../../../cli/programs";

const PROGRAM = join(__dirname, "../../../images/spark/sql.py");

/** A fake of PyHive, as far as the program uses it: a statement is Python that returns columns and rows, or raises. */
const PYHIVE = `
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

class OperationalError(Exception):
    pass

def fails(message):
    raise OperationalError(SimpleNamespace(status=SimpleNamespace(errorMessage=message)))

class Cursor:
    def execute(self, statement, async_):
        names, self.rows = eval(statement)
        self.description = [(name, "STRING_TYPE") for name in names]

    def poll(self):
        return SimpleNamespace(operationState="finished")

    def fetchmany(self, size):
        if self.rows is None:
            raise TypeError("'NoneType' object is not iterable")
        taken, self.rows = self.rows[:size], self.rows[size:]
        return taken

class Connection:
    cursor = Cursor
    __enter__ = lambda self: self
    __exit__ = lambda self, *_: None

def connect(host, username):
    return Connection()
`;

describe("images/spark/sql.py", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sql-client-"));
    for (const name of ["pyhive", "TCLIService", "thrift/transport"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, "pyhive/hive.py"), PYHIVE);
    const states = ["INITIALIZED", "PENDING", "RUNNING", "FINISHED"].map(
      (state) => `    ${state}_STATE = "${state.toLowerCase()}"\n`,
    );
    writeFileSync(
      join(folder, "TCLIService/ttypes.py"),
      `class TOperationState:\n${states.join("")}`,
    );
    writeFileSync(join(folder, "pyhive/exc.py"), "from .hive import OperationalError\n");
    const transport = "class TTransportException(Exception): pass\n";
    writeFileSync(join(folder, "thrift/transport/TTransport.py"), transport);
    // Alone in a folder: its own folder has files such as `share` that Python must not import.
    cpSync(PROGRAM, join(folder, "spark-sql.py"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What it prints for statements while its input stays open, as with the tool. */
  async function run(format: string, ...statements: string[]) {
    const { child, ended } = start("python3", ["-B", "spark-sql.py", format], {
      cwd: folder,
      env: { ...process.env, PYTHONPATH: folder },
      stdio: "pipe",
    });
    child.stdin?.write(`${JSON.stringify(statements)}\n`);
    const { status, stdout, stderr } = await ended;
    child.stdin?.destroy();
    return { status, stdout, stderr };
  }
  async function printed(format: string, ...statements: string[]): Promise<string> {
    const { status, stdout, stderr } = await run(format, ...statements);
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout;
  }

  const TEXTS = `["id", "text"], [(1, "plain"), (2, None), (3, ""), (4, 'a,"b"\\nc'), (5, "日本 ü")]`;
  const VALUES = `["d", "t", "b", "f", "x", "y", "n"], [(Decimal("1.10"), datetime(2024, 1, 2, 3, 4, 5, 600000), True, 0.5, float("nan"), b"\\xff\\x00", 12345678901234567890)]`;

  it("prints a table, with line breaks escaped", async () => {
    assert.equal(
      await printed("table", TEXTS),
      [
        "id  text",
        "--  --------",
        "1   plain",
        "2   NULL",
        "3",
        '4   a,"b"\\nc',
        "5   日本 ü",
        "",
      ].join("\n"),
    );
  });

  it("prints CSV in which NULL is not an empty text", async () => {
    assert.equal(
      await printed("csv", TEXTS),
      'id,text\n1,plain\n2,\n3,""\n4,"a,""b""\nc"\n5,日本 ü\n',
    );
    assert.equal(await printed("csv", `["only"], [(None,)]`), 'only\n""\n');
    assert.equal(
      await printed("csv", VALUES),
      "d,t,b,f,x,y,n\n1.10,2024-01-02 03:04:05.6,true,0.5,NaN,/wA=,12345678901234567890\n",
    );
  });

  it("prints JSON that keeps every digit", async () => {
    assert.deepEqual(JSON.parse(await printed("json", TEXTS)), [
      { id: 1, text: "plain" },
      { id: 2, text: null },
      { id: 3, text: "" },
      { id: 4, text: 'a,"b"\nc' },
      { id: 5, text: "日本 ü" },
    ]);
    assert.equal(
      await printed("json", VALUES),
      '[{"d": 1.10, "t": "2024-01-02 03:04:05.6", "b": true, "f": 0.5, "x": "NaN", "y": "/wA=", "n": 12345678901234567890}]\n',
    );
    assert.equal(await printed("json", `["a"], []`), "[]\n");
  });

  it("fetches rows by the thousand", async () => {
    const lines = (await printed("csv", `["n"], [(n,) for n in range(2500)]`)).trim().split("\n");
    assert.deepEqual([lines.length, lines.at(-1)], [2501, "2499"]);
  });

  it("prints nothing for a statement without a result, but a column may have that name", async () => {
    assert.equal(await printed("table", `["Result"], None`), "");
    assert.equal(await printed("csv", `["Result"], None`, `["Result"], [("x",)]`), "Result\nx\n");
    assert.equal(await printed("json", `["Result"], None`), "[]\n");
  });

  const failures: [what: string, message: string, said: string][] = [
    [
      "a mistake in a name",
      "Error running query: [TABLE_OR_VIEW_NOT_FOUND] org.apache.spark.sql.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] The table `x` cannot be found.\nVerify.; line 1 pos 14;\n'Project [*]\n+- 'UnresolvedRelation [x]\n\n\tat org.apache.A(B.scala:1)",
      "[TABLE_OR_VIEW_NOT_FOUND] The table `x` cannot be found.\nVerify.; line 1 pos 14\n",
    ],
    [
      "a task",
      "Error running query: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: Lost task 0.3 in stage 1.0 (TID 1) (10.201.0.9 executor 0): java.lang.RuntimeException: hä (really)\n\tat org.apache.A(B.scala:1)",
      "hä (really)\n",
    ],
    ["anything else", "Session is closed", "Session is closed\n"],
  ];
  for (const [what, message, said] of failures) {
    it(`prints the error's message: ${what}`, async () => {
      const fails = `fails(${JSON.stringify(message)})`;
      const { status, stdout, stderr } = await run("csv", `["a"], [(1,)]`, fails, `["b"], [(1,)]`);
      assert.deepEqual([status, stdout, stderr], [1, "a\n1\n", said]);
    });
  }

  it("ends when its input ends, whatever the server does", () => {
    const { status } = spawnSync("python3", ["-B", "spark-sql.py", "csv"], {
      cwd: folder,
      env: { ...process.env, PYTHONPATH: folder },
      input: `${JSON.stringify(["__import__('time').sleep(60)"])}\n`,
      timeout: 20_000,
    });
    assert.equal(status, 1);
  });
});
