"""%sql and %%sql, and replacements for magics of other notebooks."""

from IPython.core.error import UsageError
from pyspark.sql import SparkSession

ROWS = 1000
ELSEWHERE = {
    "scala": "Scala has a kernel of its own: Kernel, Change Kernel..., Scala (Spark).",
    "spark": "Python runs on the cluster without it. Scala has a kernel of its own.",
    "pyspark": "Python runs on the cluster without it.",
    "configure": "Stop Spark with sc.stop(), then pass settings to SparkSession.builder.config().",
    "md": "Write text in a Markdown cell.",
    "fs": "The cluster's files: `npx spark-swarm ls`, `copy`, `get` and `rm` on your machine.",
    "r": "R is not available here. Use Python, Scala or SQL.",
}


def install(shell) -> None:
    for name in ("sql", "sparksql"):
        shell.register_magic_function(sql, "line_cell", name)
    for name, hint in ELSEWHERE.items():
        shell.register_magic_function(absent(name, hint), "line_cell", name)


def sql(line: str, cell: str = ""):
    """Runs one SQL statement. Returns a pandas table of a thousand rows at most."""
    statement = f"{line}\n{cell}".strip().rstrip(";")
    if not statement:
        raise UsageError("%sql STATEMENT, or %%sql and the statement below it")
    result = SparkSession.builder.getOrCreate().sql(statement)
    return result.limit(ROWS).toPandas() if result.columns else None


def absent(name: str, hint: str):
    def magic(line: str, cell: str = ""):
        raise UsageError(f"There is no magic %{name} here. {hint}")

    return magic
