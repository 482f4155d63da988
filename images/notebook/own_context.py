"""For notebooks that create their own SparkContext, mostly a local one."""

import inspect
import sys

from pyspark import SparkContext


def install(cluster: str) -> None:
    """
    Gives a notebook that creates a context its kernel's context instead. A context with the master
    `local` gets the cluster, whose master is given.
    """
    original = SparkContext.__init__
    signature = inspect.signature(original)

    def new(cls, *_, **__):
        return cls._active_spark_context or object.__new__(cls)

    def init(self, *args, **kwargs):
        asked = signature.bind(self, *args, **kwargs)
        conf = asked.arguments.get("conf")
        master = asked.arguments.get("master") or (conf and conf.get("spark.master")) or cluster
        other = "" if master == cluster else f" instead of {master}"
        if self is SparkContext._active_spark_context:
            note(
                f"this kernel already has a SparkContext on {cluster}: it is used{other}. "
                "To use your own settings, call sc.stop(), then SparkContext(conf=...)"
            )
            return
        if other and master.startswith("local"):
            note(f"Spark runs on {cluster}{other}")
            asked.arguments["master"] = cluster
        original(*asked.args, **asked.kwargs)

    SparkContext.__new__ = new
    SparkContext.__init__ = init


def note(text: str) -> None:
    print(f"spark-swarm: {text}", file=sys.stderr)
