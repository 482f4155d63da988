"""A file of a store with random access."""

from __future__ import annotations

import io

from entries import Entry


class Ranges(io.RawIOBase):
    def __init__(self, store, entry: Entry) -> None:
        self.store = store
        self.entry = entry
        self.position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.entry.size}
        self.position = start[whence] + offset
        return self.position

    def read(self, size: int = -1) -> bytes:
        end = self.entry.size if size < 0 else min(self.entry.size, self.position + size)
        found = b"".join(self.store.read(self.entry.path, end, self.position))
        self.position += len(found)
        return found
