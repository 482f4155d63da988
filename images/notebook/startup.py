"""Starts a Python kernel with Spark's shell and what notebooks from elsewhere expect."""

import os
import sys
from pathlib import Path

_shell = Path(os.environ["SPARK_HOME"], "python/pyspark/shell.py")
exec(compile(_shell.read_text(encoding="utf-8"), str(_shell), "exec"))

sys.path.append("/opt/notebook/python")
import spark_swarm.hints  # noqa: E402
import spark_swarm.magics  # noqa: E402
import spark_swarm.own_context  # noqa: E402
import spark_swarm.pip_packages  # noqa: E402

spark_swarm.own_context.install(sc.master)  # noqa: F821
for _part in (spark_swarm.hints, spark_swarm.magics, spark_swarm.pip_packages):
    _part.install(get_ipython())  # noqa: F821
del Path, _part, _shell, spark_swarm
