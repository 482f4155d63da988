"""Installs Python packages below a folder: `add_python.py FOLDER REQUIREMENTS`.

REQUIREMENTS is a JSON list of lines of a requirements file. What the image has already stays as it
is, whatever version a package asks for.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

folder, requirements = sys.argv[1:]
Path(folder, "local").mkdir(parents=True)
pip = [sys.executable, "-m", "pip"]
if lines := json.loads(requirements):
    with tempfile.TemporaryDirectory() as temporary:
        wanted, present = Path(temporary, "requirements.txt"), Path(temporary, "constraints.txt")
        wanted.write_text("\n".join(lines), "utf-8")
        present.write_bytes(subprocess.check_output([*pip, "freeze"]))
        command = [*pip, "install", "--no-compile", "--prefix", folder]
        done = subprocess.run([*command, "--constraint", present, "--requirement", wanted])
        sys.exit(done.returncode)
