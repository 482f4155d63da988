"""Registers the kernels: the script beside this file starts each with its share of the cluster."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

KERNELS = Path("/usr/local/share/jupyter/kernels")
KERNEL = ["bash", "/opt/notebook/kernel"]


def main() -> None:
    toree = ["jupyter", "toree", "install", "--spark_home=/opt/spark", "--interpreters=Scala,SQL"]
    subprocess.run([*toree, "--sys-prefix"], check=True)
    shutil.rmtree(KERNELS, ignore_errors=True)
    rename("apache_toree_scala", "scala", "Scala (Spark)")
    rename("apache_toree_sql", "sql", "SQL (Spark)")
    python = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": python, "display_name": "Python (PySpark)", "language": "python"}
    write(KERNELS / "pyspark", spec)


def rename(installed: str, name: str, title: str) -> None:
    folder = Path(sys.prefix, "share/jupyter/kernels", installed)
    spec = json.loads(Path(folder, "kernel.json").read_text(encoding="utf-8"))
    shutil.move(folder, KERNELS / name)
    argv = [word.replace(str(folder), str(KERNELS / name)) for word in spec["argv"]]
    write(KERNELS / name, {**spec, "argv": argv, "display_name": title})


def write(folder: Path, spec: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    started = {**spec, "argv": [*KERNEL, *spec["argv"]]}
    Path(folder, "kernel.json").write_text(json.dumps(started, indent=1), encoding="utf-8")


main()
