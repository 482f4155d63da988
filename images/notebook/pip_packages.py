"""Sends packages that pip installs for a kernel's driver to its executors."""

import site
import sys
import tarfile
import tempfile
from pathlib import Path

from pyspark import SparkContext


class PipPackages:
    def __init__(self) -> None:
        self.sent: tuple = ()
        self.count = 0
        # Executors that start later fetch archives from here. It is deleted when the kernel ends.
        self.archives = tempfile.TemporaryDirectory()

    def send(self) -> None:
        """Sends the packages of the user's site to the executors if they have changed."""
        context = SparkContext._active_spark_context
        folder = Path(site.getusersitepackages())
        # Each package has a folder with its version in its name.
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        state = (context and context.applicationId, names)
        if not context or not names or state == self.sent:
            return
        self.count += 1
        name = f"pip-{self.count}"
        archive = Path(self.archives.name, f"{name}.tar")
        with tarfile.open(archive, "w") as tar:
            for entry in names:
                tar.add(folder / entry, arcname=entry, filter=without_caches)
        context.addArchive(f"{archive}#{name}")
        # Like addPyFile for a zip: it is added to the Python path of executors.
        context._python_includes.append(name)
        self.sent = state
        print(
            "spark-swarm: executors now have the packages that pip installed here", file=sys.stderr
        )


def without_caches(entry: tarfile.TarInfo) -> "tarfile.TarInfo | None":
    return None if entry.name.endswith("__pycache__") else entry


def install(shell) -> None:
    """Runs before each cell, since packages may come from %pip, from !pip or from a terminal."""
    packages = PipPackages()
    shell.events.register("pre_run_cell", lambda _: packages.send())
