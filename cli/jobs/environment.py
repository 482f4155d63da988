"""Makes a Python environment of requirements.txt in this directory: `environment.py ARCHIVE`.

It is one for the image's own Python, whose packages it sees: what the image has in a version that
fits is not installed again. Spark is the cluster's, whatever is asked.
"""

import os
import platform
import subprocess
import sys
import tarfile
import venv
from importlib.metadata import version
from pathlib import Path

from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet

ENVIRONMENT = Path("/tmp/environment")
CONSTRAINTS = Path("/tmp/constraints.txt")
PIP_CONF = Path("pip.conf")
REQUIRES_PYTHON = Path("requires-python")


def check_python() -> None:
    wanted, source = REQUIRES_PYTHON.read_text(encoding="utf-8").splitlines()
    here = platform.python_version()
    try:
        fits = SpecifierSet(wanted).contains(here, prereleases=True)
    except InvalidSpecifier:
        sys.exit(f"{source}: requires-python {wanted!r} is not a condition such as >=3.10")
    if not fits:
        sys.exit(
            f"{source}: requires-python is {wanted}, but the cluster has Python {here}. "
            "Use --archives with a conda-pack environment, which has its own Python."
        )


def install() -> None:
    venv.create(ENVIRONMENT, system_site_packages=True, symlinks=True, with_pip=False)
    pinned = [f"{name}=={version(name)}\n" for name in ("pyspark", "py4j")]
    CONSTRAINTS.write_text("".join(pinned), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(ENVIRONMENT / "bin/python"), "install"]
    quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    wanted = ["--requirement", "requirements.txt", "--constraint", str(CONSTRAINTS)]
    settings = {"PIP_CONFIG_FILE": str(PIP_CONF.resolve())} if PIP_CONF.exists() else {}
    result = subprocess.run([*pip, *quiet, *wanted], env={**os.environ, **settings}, check=False)
    if result.returncode != 0:
        sys.exit("The job was not started: pip could not install its packages.")


def main() -> None:
    if REQUIRES_PYTHON.exists():
        check_python()
    install()
    # Level 1: executors unpack it while the job waits.
    with tarfile.open(sys.argv[1], "w:gz", compresslevel=1) as archive:
        archive.add(ENVIRONMENT, ".")


main()
