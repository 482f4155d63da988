import { equal, match, ok } from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Jupyter, notebookOf, type Outputs, printed } from "../harness/jupyter";
import { repository, type Stack } from "../harness/stack";
import { workloadCluster } from "../harness/workload-cluster";

/** A wheel is a zip; `%pip install` takes it without an index of packages. */
const WHEEL = `import zipfile
path = "/tmp/greeting-1.0-py3-none-any.whl"
with zipfile.ZipFile(path, "w") as wheel:
    wheel.writestr("greeting.py", "TEXT = 'good morning'")
    wheel.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    wheel.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("greeting-1.0.dist-info/RECORD", "")
%pip install --no-index /tmp/greeting-1.0-py3-none-any.whl`;

/** Cells that need an executor: they run one after another in one kernel. */
const PYTHON = (trips: string) => ({
  own: `import findspark
findspark.init()
from pyspark import SparkConf, SparkContext
sc = SparkContext("local", "First App")
print(sc.master, sc.parallelize(range(100), 4).sum())`,
  session: `from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[*]").appName("Second App").getOrCreate()
print(spark.sparkContext.master, spark.range(10).count())`,
  pandas: `import pandas as pd
print(len(pd.read_csv("${trips}")))`,
  beside: `spark.read.option("header", True).csv("${trips}").count()`,
  copied: `print(spark.read.option("header", True).csv("/data/${trips}").count())`,
  sql: "%%sql\nselect id, id * 2 as twice from range(3)",
  scala: "%%scala\nval x = 1",
  extension: "%load_ext sql",
  plot: 'from IPython.display import HTML\nHTML("<svg>" + "x" * 12_000_000 + "</svg>")',
  pip: WHEEL,
  udf: `from pyspark.sql.functions import udf

@udf("string")
def greet(_):
    import greeting
    return greeting.TEXT

print(spark.range(2).select(greet("id").alias("text")).distinct().collect())`,
  tables: `spark.range(3).createOrReplaceTempView("view_of_first")
print([table.name for table in spark.catalog.listTables()])
spark.range(3).write.saveAsTable("numbers")
print(spark.table("numbers").count())`,
  pyspark: "!pip install pyspark==3.1.1",
  anew: `sc.stop()
sc = SparkContext(conf=SparkConf().setMaster("local[2]").setAppName("Third App"))
print(sc.master, sc.appName, sc.getConf().get("spark.cores.max"), sc.parallelize(range(10), 2).sum())`,
  missing: "import no_such_package",
});

const SCALA = {
  own: `import org.apache.spark.sql.SparkSession
println(SparkSession.builder.master("local").getOrCreate().sparkContext.master)`,
  classes: `import spark.implicits._
case class Trip(id: Long, miles: Double)
case class Sum(id: Long, total: Double)`,
  dataset: `val trips = Seq(Trip(1, 2.5), Trip(2, 7.25)).toDS()
println(trips.filter(_.miles > 3).map(trip => trip.copy(miles = trip.miles * 2)).collect().mkString)`,
  again: `println(trips.groupByKey(_.id).mapGroups((id, all) => Sum(id, all.map(_.miles).sum)).collect().sortBy(_.id).mkString)`,
  table: `trips.write.mode("overwrite").saveAsTable("scala_trips")
println(spark.table("scala_trips").count())`,
};

describe("Notebooks from elsewhere", function () {
  this.timeout("25m");
  const trips = `trips-${process.pid}.csv`;
  const lesson = `lesson-${process.pid}.ipynb`;
  const beside = (name: string) => join(repository, "notebooks", name);
  const said: Record<string, string> = {};
  let plot: Outputs = [];
  let stack: Stack;
  let jupyter: Jupyter;
  before("a cluster with notebooks", async () => {
    stack = (await workloadCluster()).stack;
    jupyter = await Jupyter.open(stack);
    writeFileSync(beside(trips), "id,miles\n1,2.5\n2,7.25\n3,0.9\n");
    const cells = ["print(spark.range(7).count())"];
    writeFileSync(beside(lesson), JSON.stringify(notebookOf("python3", "python", cells)));
    const copied = await stack.sparkSwarm(["copy", beside(trips)]);
    equal(copied.status, 0, copied.output);

    const python = PYTHON(trips);
    const [first, second, scala] = await Promise.all([
      jupyter.runCells("python3", "python", Object.values(python)),
      jupyter.runCells("pyspark", "python", [
        `spark.range(3).createOrReplaceTempView("view_of_second")
print([table.name for table in spark.catalog.listTables() if table.isTemporary])`,
        `!jupyter nbconvert --execute --to notebook --stdout ${lesson} 2>&1`,
      ]),
      jupyter.runCells("apache_toree_scala", "scala", Object.values(SCALA)),
    ]);
    const third = await jupyter.runCells("sql", "sql", [
      "SELECT sum(id) + 1000 FROM numbers",
      "SELECT sum(miles) * 100 FROM scala_trips",
    ]);
    const keep = (prefix: string, names: string[], outputs: Outputs[]) => {
      names.forEach((name, index) => {
        said[`${prefix} ${name}`] = printed([outputs[index] ?? []]);
      });
    };
    keep("python", Object.keys(python), first);
    keep("second", ["tables", "nbconvert"], second);
    keep("scala", Object.keys(SCALA), scala);
    keep("third", ["tables", "scala"], third);
    plot = first[Object.keys(python).indexOf("plot")] ?? [];
  });
  after(async () => {
    await jupyter?.close();
    for (const name of [trips, lesson]) rmSync(beside(name), { force: true });
  });
  const says = (cell: string, pattern: RegExp) => match(said[cell] ?? "", pattern);

  it("that create their own SparkContext run on the cluster, with a note", () => {
    says("python own", /^spark:\/\/master:7077 4950$/m);
    says("python own", /this kernel already has a SparkContext .* instead of local\./);
    says("python session", /^spark:\/\/master:7077 10$/m);
    says("python anew", /^spark:\/\/master:7077 Third App 1 45$/m);
    says("python anew", /Spark runs on spark:\/\/master:7077 instead of local\[2\]/);
    says("scala own", /spark:\/\/master:7077/);
  });

  it("with data next to them read it with pandas, and explain how Spark gets it", () => {
    says("python pandas", /^3$/m);
    says("python beside", new RegExp(`npx spark-swarm copy 'notebooks/${trips}'.*/data/${trips}`));
    says("python copied", /^3$/m);
  });

  it("use magics for SQL, and get advice on other magics", () => {
    says("python sql", /twice\n0 +0 +0\n1 +1 +2\n2 +2 +4/);
    says(
      "python scala",
      /UsageError: There is no magic %scala here\. Scala has a kernel of its own/,
    );
    says("python extension", /%%sql work without this extension/);
  });

  it("show large plots", () => {
    equal(plot[0]?.data?.["text/html"]?.length, 12_000_011);
  });

  it("install packages for executors too", () => {
    says("python pip", /Successfully installed greeting-1\.0/);
    says("python udf", /\[Row\(text='good morning'\)\]/);
    says("python missing", /%pip install no_such_package .*`spark\.pip`/);
  });

  it("do not install another Spark", () => {
    says("python pyspark", /constraint\) pyspark==3\.5\.9/);
  });

  it("have their own views and shared tables, also in SQL", () => {
    says("python tables", /view_of_first.*\n3$/m);
    says("second tables", /^\['view_of_second'\]$/m);
    says("third tables", /1003/);
    says("scala table", /^2$/m);
    says("third scala", /975\.0/);
  });

  it("define case classes in Scala, for Datasets", () => {
    says("scala dataset", /Trip\(2,14\.5\)/);
    says("scala again", /Sum\(1,2\.5\)Sum\(2,7\.25\)/);
  });

  it("run in a terminal with nbconvert", () => {
    ok(said["second nbconvert"]?.includes('"7\\n"'), said["second nbconvert"]);
  });

  it("are not offered as kernels of other names", async () => {
    const specs = (await (await jupyter.ask("GET", "kernelspecs")).json()) as {
      kernelspecs: object;
    };
    equal(Object.keys(specs.kernelspecs).sort().join(" "), "pyspark scala sql");
  });
});
