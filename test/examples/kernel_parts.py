"""Tests the additions of Python kernels to Spark, on a real Spark with its own executors."""

import importlib
import json
import os
import site
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

sys.path.append(str(Path(__file__).parents[2] / "images/notebook"))
import hints
import own_context
import pip_packages
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
sc = spark.sparkContext
cluster = sc.master
answer = {}

own_context.install(cluster)
answer["the same"] = [
    SparkContext("local", "First App") is sc,
    SparkContext(conf=SparkConf().setMaster("local[*]")) is sc,
    SparkContext.getOrCreate() is sc,
    SparkSession.builder.master("local[*]").getOrCreate() is spark,
]
sc.stop()
sc = SparkContext("local[4]", "Second App")
answer["anew"] = [sc.master == cluster, sc.appName, sc.parallelize(range(10), 2).sum()]
sc.stop()
spark = SparkSession.builder.master("local").appName("Third App").getOrCreate()
sc = spark.sparkContext
answer["by a session"] = [sc.master == cluster, sc.appName]

folder = Path(tempfile.mkdtemp())
site.getusersitepackages = lambda: str(folder)
cells = []
events = SimpleNamespace(register=lambda event, call: cells.append((event, call)))
pip_packages.install(SimpleNamespace(events=events))
((event, before_cell),) = cells
answer["event"] = event


def version(module):
    return importlib.import_module(module).VERSION


def on_executors(module):
    before_cell(None)
    return sc.parallelize([module] * 2, 2).map(version).collect()


try:
    on_executors("greeting")
except Exception as error:
    answer["without it"] = "No module named 'greeting'" in str(error)
for module, number in (("greeting", 1), ("farewell", 2)):
    (folder / module).mkdir()
    (folder / module / "__init__.py").write_text(f"VERSION = {number}")
    (folder / f"{module}-{number}.dist-info").mkdir()
    answer[module] = on_executors(module)

beside = folder / "trips of today.csv"
beside.write_text("id\n")
hints.NOTEBOOKS = folder
(folder / "beside.py").write_text("X = 1")
sys.path.append(str(folder))
os.chdir(folder)
answer["hints"] = [
    hints.hint_for(Exception(text))
    for text in (
        f"FileNotFoundException: File file:{beside} does not exist\n  at",
        "[PATH_NOT_FOUND] Path does not exist: hdfs://namenode:8020/user/spark/trips of today.csv.",
        f"Input path does not exist: hdfs://namenode:8020{beside}\n\tat",
        "FileNotFoundException: File file:/no/such does not exist",
        "[PATH_NOT_FOUND] Path does not exist: hdfs://namenode:8020/user/spark/none.csv.",
        "PythonException: ModuleNotFoundError: No module named 'beside'",
        "PythonException: ModuleNotFoundError: No module named 'greeting'",
        "ExecutorLostFailure … Reason: Command exited with code 137",
        "division by zero",
    )
] + [hints.hint_for(ModuleNotFoundError(f"No module named '{name}'")) for name in ("sql", "a.b")]
answer["folder"] = str(folder)
print(json.dumps(answer))
