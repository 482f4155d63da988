"""Unpacks Apache Livy: `install.py RELEASE FOLDER`. It creates FOLDER.

Uses the archive.zip next to this file; without one, Apache's release below the address RELEASE,
after a check against the SHA-512 published there.
"""

import hashlib
import re
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

NAME = "apache-livy-0.9.0-incubating_2.12-bin.zip"


def main() -> None:
    release, folder = sys.argv[1:]
    archive = Path(__file__).with_name("archive.zip")
    if not archive.exists():
        address = f"{release}/{NAME}"
        try:
            archive.write_bytes(fetch(address))
            published = fetch(f"{address}.sha512").decode()
        except OSError as error:
            sys.exit(
                f"Livy's archive cannot be downloaded from {address}: {error}. Without "
                "internet access, give a local copy: pulumi config set --path livy.archive PATH"
            )
        check(archive, published)
    with TemporaryDirectory(dir=Path(folder).parent) as unpacked:
        with zipfile.ZipFile(archive) as content:
            content.extractall(unpacked)
        # A folder that is named like the archive.
        [root] = Path(unpacked).iterdir()
        root.rename(folder)


def fetch(address: str) -> bytes:
    with urlopen(address, timeout=60) as answer:
        return answer.read()


def check(archive: Path, published: str) -> None:
    """Ends the program unless the archive has the published sum, with or without its name."""
    expected = re.sub("[^0-9a-f]", "", published.replace(NAME, "").lower())
    found = hashlib.sha512(archive.read_bytes()).hexdigest()
    if expected != found:
        sys.exit(f"{NAME} has the SHA-512 {found}, but the published one is: {published.strip()}")


if __name__ == "__main__":
    main()
