"""Adds advice to errors that occur on a cluster but not on one machine."""

import importlib.util
import re
from pathlib import Path
from typing import Optional

NOTEBOOKS = Path("/home/spark/notebooks")
# A file that executors lack; and one that is not in the store, where relative paths are below the
# user's folder.
NO_FILE = re.compile(r"file:(/[^\n]+?) does not exist")
NOT_IN_STORE = re.compile(r"does not exist: hdfs://[^/\s]+(?:/user/[^/]+/)?([^\n]+?)\.?(?:\n|$)")
NO_MODULE = re.compile(r"No module named '(\w+)")
NO_MEMORY = re.compile(r"exited with code 137|Python worker exited unexpectedly|OutOfMemoryError")
# Extensions that provide %%sql elsewhere.
SQL = ("sql", "sparksql_magic", "sparkmagic")


def install(shell) -> None:
    def show(shell, kind, error, traceback, tb_offset=None):
        hint = hint_for(error)
        if hint:
            error.add_note(f"spark-swarm: {hint}")
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)

    shell.set_custom_exc((Exception,), show)


def hint_for(error: Exception) -> Optional[str]:
    text = str(error)
    file = NO_FILE.search(text) or NOT_IN_STORE.search(text)
    if file and Path(file[1]).exists():
        return about_file(Path(file[1]).absolute())
    module = NO_MODULE.search(text)
    if module and isinstance(error, ModuleNotFoundError):
        return about_missing_module(module[1])
    if module:
        return about_module_of_driver(module[1])
    if NO_MEMORY.search(text):
        return (
            "an executor ran out of memory. notebook.memory is Java's memory in each executor of a "
            "notebook; Python functions use what is left on the host (workers.memory, or a "
            "larger size). More partitions need less memory each."
        )
    return None


def about_file(path: Path) -> str:
    """The advice for a file that the driver has and the executors lack."""
    inside = path.is_relative_to(NOTEBOOKS)
    local = Path("notebooks", path.relative_to(NOTEBOOKS)) if inside else path.name
    return (
        f"only the driver has {path.parent}, and executors read files on their own hosts. "
        f"On your machine: npx spark-swarm copy '{local}'. Then read /data/{path.name} here. "
        "Or, if it is small: spark.createDataFrame(pandas.read_csv(...))."
    )


def about_missing_module(name: str) -> str:
    if name in SQL:
        return "%sql and %%sql work without this extension."
    return (
        f"%pip install {name} adds a package of that name until JupyterLab restarts. To keep "
        "it, set `spark.pip` in the stack's configuration and run `pulumi up`."
    )


def about_module_of_driver(name: str) -> Optional[str]:
    """The advice for a module that the driver can import and the executors cannot."""
    found = importlib.util.find_spec(name)
    if not found or not found.origin:
        return None
    origin = Path(found.origin)
    if origin.name != "__init__.py":
        return f"only the driver has {origin}. For executors: sc.addPyFile('{origin}')."
    return (
        f"only the driver has {origin.parent}. For executors: make a zip of it, and "
        f"sc.addPyFile('{name}.zip')."
    )
