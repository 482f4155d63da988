"""Registers the kernels. The script next to this file starts each with its share of the cluster."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

KERNELS = Path("/usr/local/share/jupyter/kernels")
KERNEL = ["bash", "/opt/notebook/kernel"]
# Kernel names in notebooks that were made elsewhere.
OTHER_NAMES = {
    "pyspark": ["python3", "pysparkkernel", "apache_toree_pyspark"],
    "scala": ["apache_toree_scala", "sparkkernel"],
    "sql": ["apache_toree_sql"],
}


def main() -> None:
    toree = ["jupyter", "toree", "install", "--spark_home=/opt/spark", "--interpreters=Scala,SQL"]
    subprocess.run([*toree, "--sys-prefix"], check=True)
    python = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specs = {
        "pyspark": {"argv": python, "display_name": "Python (PySpark)", "language": "python"},
        "scala": toree_spec("apache_toree_scala", "Scala (Spark)"),
        "sql": toree_spec("apache_toree_sql", "SQL (Spark)"),
    }
    shutil.rmtree(KERNELS, ignore_errors=True)
    for name, spec in specs.items():
        for known_as in [name, *OTHER_NAMES[name]]:
            write(KERNELS / known_as, spec)


def toree_spec(installed: str, title: str) -> dict:
    """A kernel that Toree installed. Its programs are moved next to this file."""
    folder = Path(sys.prefix, "share/jupyter/kernels", installed)
    programs = Path("/opt/notebook", installed)
    spec = json.loads(Path(folder, "kernel.json").read_text(encoding="utf-8"))
    shutil.move(folder, programs)
    argv = [word.replace(str(folder), str(programs)) for word in spec["argv"]]
    return {**spec, "argv": argv, "display_name": title}


def write(folder: Path, spec: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    started = {**spec, "argv": [*KERNEL, *spec["argv"]]}
    Path(folder, "kernel.json").write_text(json.dumps(started, indent=1), encoding="utf-8")


main()
