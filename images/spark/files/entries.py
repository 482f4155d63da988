"""The common parts of the cluster's stores, HDFS and S3."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

# Hadoop's Path gives it another meaning in names, so jobs could not read such a file.
FORBIDDEN = ":"
# Bytes of one read: large enough that Python's overhead does not matter.
CHUNK = 1 << 20


class StoreError(Exception):
    """An error with a message for users."""


class BrokeOff(StoreError):
    """A transfer that was interrupted and may succeed when it is resumed."""


class Entry(NamedTuple):
    """A file or folder. Its path has no scheme; `modified` counts milliseconds."""

    path: str
    is_folder: bool
    size: int
    modified: int
    replication: int
    # Whether there is another copy, so that the cluster may be destroyed.
    is_saved: bool = True

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Source(NamedTuple):
    """A file of the user's machine, to be written to a path."""

    path: str
    size: int
    modified: int

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def partial(self) -> str:
        """The path until the file is complete: unique to this source, and not read by Spark."""
        digest = hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return f"{self.folder}/.{digest}{PARTIAL}"


PARTIAL = "._COPYING_"


def is_partial(name: str) -> bool:
    return name.startswith(".") and name.endswith(PARTIAL)
