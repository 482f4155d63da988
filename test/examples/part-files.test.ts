import { deepEqual, equal, rejects } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { run } from "../../cli/programs";
import { ask, usageSchema } from "../../cli/store/ask";
import { type Format, fetchAsOne } from "../../cli/store/fetch-as-one";
import { python } from "../e2e/harness/python";
import { FakeHdfs } from "../unit/cli/store/fake-hdfs";
import { FakeManager } from "../unit/cli/store/manager";

/** Writes Parquet as Spark does: each file by its name, with rows given as JSON. */
const WRITE = `
import json, sys, datetime, decimal, pyarrow as pa, pyarrow.parquet as pq
for name, rows in json.load(sys.stdin).items():
    table = pa.Table.from_pylist([
        {**row, "at": datetime.datetime.fromisoformat(row["at"]), "price": decimal.Decimal(row["price"])}
        for row in rows
    ], pa.schema([
        *((key, pa.string()) for key in ["name", "extra"] if key in rows[0]),
        ("at", pa.timestamp("us")), ("price", pa.decimal128(20, 3)),
        *((key, pa.list_(pa.string())) for key in ["tags"] if key in rows[0]),
    ]))
    pq.write_table(table, name, use_deprecated_int96_timestamps=True)
`;
/** The content of a Parquet file: the types of its columns, and its rows. */
const READ = `
import json, sys, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
print(json.dumps({"types": {field.name: str(field.type) for field in table.schema}, "rows": table.to_pylist()}, default=str))
`;

describe("part files of Parquet and JSON", function () {
  this.timeout(60_000);
  let program: string;
  let hdfs: FakeHdfs;
  let manager: FakeManager;
  before(async function () {
    this.timeout(300_000);
    program = await python();
  });
  beforeEach(async () => {
    hdfs = new FakeHdfs();
    await hdfs.start();
    const PATH = [dirname(program), process.env.PATH].join(delimiter);
    manager = new FakeManager({ SPARK_STORE_ADDRESS: hdfs.address, PATH });
  });
  afterEach(async () => {
    manager.remove();
    await hdfs.stop();
  });

  async function parquet(files: Record<string, Record<string, unknown>[]>): Promise<void> {
    const names = Object.keys(files);
    const input = Object.fromEntries(names.map((name, index) => [`${index}`, files[name]]));
    await run(program, ["-c", WRITE], { input: JSON.stringify(input), cwd: manager.folder });
    names.forEach((name, index) => {
      hdfs.put(`/out/${name}`, readFileSync(manager.path(`${index}`)));
    });
  }
  async function asOne(format: Format): Promise<string> {
    const file = manager.path(`one.${format}`);
    await fetchAsOne(manager.ssh, "/out", file, { format, force: true });
    return file;
  }
  const lines = (file: string) => readFileSync(file, "utf8").trim().split("\n");

  // Far outside the range of nanoseconds.
  const row = { name: 'n,"ü', at: "2849-01-01T00:00:00.123456", price: "1.500" };

  it("become one CSV file, with the values of folders' names, and null as an empty field", async () => {
    await parquet({
      "city=S%C3%A3o 1/year=2025/part-0.snappy.parquet": [row],
      "city=B/year=2026/part-1.snappy.parquet": [
        { ...row, name: null },
        { ...row, name: "" },
      ],
    });
    const rest = "2849-01-01 00:00:00.123456Z,1.500";
    deepEqual(lines(await asOne("csv")), [
      '"name","at","price","city","year"',
      `,${rest},"B",2026`,
      `"",${rest},"B",2026`,
      `"n,""ü",${rest},"São 1",2025`,
    ]);
  });

  it("become one JSON file, whatever their content", async () => {
    await parquet({ "part-0.parquet": [{ ...row, tags: ["a", null] }] });
    deepEqual(
      lines(await asOne("json")).map((line) => JSON.parse(line)),
      [{ ...row, at: `${row.at}+00:00`, tags: ["a", null] }],
    );
    await rejects(asOne("csv"), /CSV cannot hold the values of column tags .*NAME\.json/);
  });

  it("become one Parquet file, with the columns of all of them and instants as instants", async () => {
    await parquet({ "part-0.parquet": [row], "part-1.parquet": [{ ...row, extra: "x" }] });
    const { stdout } = await run(program, ["-c", READ, await asOne("parquet")]);
    const { types, rows } = JSON.parse(stdout);
    equal(types.at, "timestamp[us, tz=UTC]");
    equal(types.price, "decimal128(20, 3)");
    deepEqual(
      rows.map(({ extra }: { extra: string | null }) => extra),
      [null, "x"],
    );
  });

  it("are refused if one is damaged, or a column has several types", async () => {
    await parquet({ "part-0.parquet": [row] });
    hdfs.put("/out/part-1.parquet", "no Parquet at all");
    await rejects(
      asOne("json"),
      /^Error: \/out\/part-1\.parquet cannot be read: Parquet magic bytes/,
    );
    await ask(manager.ssh, usageSchema, ["rm", "recursive", "/out"]);
    hdfs.put("/out/part-0.json", '{"id":7}\n');
    hdfs.put("/out/part-1.json", '{"id":"x"}\n');
    await rejects(asOne("csv"), /^Error: The part files do not have the same columns: .*id/);
    deepEqual(
      readdirSync(manager.folder).filter((name) => name.startsWith(".")),
      [],
    );
  });

  it("of JSON become one with strings unchanged and numbers of a common type", async () => {
    hdfs.put("/out/part-0.json", '{"id":"007","at":"2026-01-01 00:00:00","n":1}\n');
    hdfs.put("/out/part-1.json", '{"id":"008","n":1.5,"more":{"a":true}}\n');
    const { stdout } = await run(program, ["-c", READ, await asOne("parquet")]);
    deepEqual(JSON.parse(stdout).rows, [
      { id: "007", at: "2026-01-01 00:00:00", n: 1, more: null },
      { id: "008", at: null, n: 1.5, more: { a: true } },
    ]);
  });
});
