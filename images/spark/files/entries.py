"""What the cluster's stores have in common: HDFS and S3."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

# In names Hadoop's Path takes it for something else, so that no job could read the file.
FORBIDDEN = ":"
# What one read takes: large enough that Python's own work does not count.
CHUNK = 1 << 20


class StoreError(Exception):
    """What went wrong, in words for people."""


class BrokeOff(StoreError):
    """What may go well when it is tried again, from where it broke off."""


class Entry(NamedTuple):
    """A file or folder. Its path has no scheme; `modified` counts milliseconds."""

    path: str
    is_folder: bool
    size: int
    modified: int
    replication: int
    # Whether it is elsewhere too, so that the cluster may go.
    is_saved: bool = True

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Source(NamedTuple):
    """A file of the user's machine that is to be written to a path."""

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
        """Where it is until it is whole: a name for this very source, which Spark does not read."""
        digest = hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return f"{self.folder}/.{digest}{PARTIAL}"


PARTIAL = "._COPYING_"


def is_partial(name: str) -> bool:
    return name.startswith(".") and name.endswith(PARTIAL)
