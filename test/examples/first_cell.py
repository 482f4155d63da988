"""Runs the first cell of code of a notebook about an access log on PATH: `… NOTEBOOK PATH`."""

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

notebook, path = sys.argv[1:]
cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
code = "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code"))
exec(code.replace("/data/apache_logs", path), {"spark": SparkSession.builder.getOrCreate()})
