"""The part files that a job has written to a folder, and their content."""

from __future__ import annotations

import bz2
import gzip
import io
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

from entries import CHUNK, Entry, StoreError

COMPRESSED = re.compile(r"\.(gz|bz2|zst|deflate|snappy)$")
# Logs that list a folder's valid files: others in the folder may not be valid.
LOGS = {
    "_delta_log": "a Delta table",
    ".hoodie": "a Hudi table",
    "_spark_metadata": "a stream's output",
}
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


class Part(NamedTuple):
    entry: Entry
    # The values in its folders' names: year=2026.
    values: dict[str, str | None]

    @property
    def format(self) -> str:
        found = re.search(
            r"\.(csv|json|parquet|orc|avro|lz4)$", COMPRESSED.sub("", self.entry.name)
        )
        return found[1] if found else "text"


def parts_of(store, top: Entry) -> list[Part]:
    """The files that Spark would read, sorted by name."""
    if not top.is_folder:
        return [Part(top, {})]
    found = []
    for entry in sorted(store.walk(top.path)):
        names = entry.path[len(top.path) :].strip("/").split("/")
        log = LOGS.get(names[-1])
        if names[-1].endswith(".metadata.json") and names[-2:-1] == ["metadata"]:
            log = "an Iceberg table"
        if log:
            raise StoreError(
                f"{top.path} is {log}, whose log decides which of its files count. Let Spark "
                "read it and write the result to another folder, and get that."
            )
        hidden = any(name.startswith((".", "_")) and "=" not in name for name in names)
        if not entry.is_folder and entry.size > 0 and not hidden:
            pairs = [name.partition("=") for name in names[:-1] if "=" in name]
            found.append(Part(entry, {key: value_of(text) for key, _, text in pairs}))
    if not found:
        raise StoreError(f"{top.path} has no files with content.")
    return found


def value_of(text: str) -> str | None:
    return None if text == NO_VALUE else unquote(text)


def text_of(store, part: Part) -> BinaryIO:
    """The uncompressed bytes of a text file."""
    path, size = part.entry.path, part.entry.size
    file = io.BufferedReader(Chunks(store.read(path, size)), CHUNK)
    found = COMPRESSED.search(part.entry.name)
    kind = found[1] if found else None
    if kind == "gz":
        return gzip.GzipFile(fileobj=file)
    if kind == "bz2":
        return bz2.BZ2File(file)
    if kind == "deflate":
        return io.BufferedReader(Chunks(inflated(file)), CHUNK)
    if kind == "snappy":
        return io.BufferedReader(Chunks(unsnapped(file)), CHUNK)
    if kind == "zst":
        import pyarrow

        return pyarrow.CompressedInputStream(pyarrow.PythonFile(file, mode="r"), "zstd")
    return file


class Chunks(io.RawIOBase):
    """Chunks of bytes as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        self.rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self.rest:
            try:
                self.rest = memoryview(next(self.chunks))
            except StopIteration:
                return 0
        count = min(len(buffer), len(self.rest))
        buffer[:count] = self.rest[:count]
        self.rest = self.rest[count:]
        return count


def inflated(file: BinaryIO) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    while chunk := file.read(CHUNK):
        yield stream.decompress(chunk)


def unsnapped(file: BinaryIO) -> Iterator[bytes]:
    """Hadoop's framing: blocks, each with its length and its compressed chunks."""
    import pyarrow

    codec = pyarrow.Codec("snappy")
    while head := file.read(4):
        (left,) = struct.unpack(">I", head)
        while left > 0:
            (size,) = struct.unpack(">I", file.read(4))
            chunk = file.read(size)
            yield codec.decompress(chunk, length_of(chunk)).to_pybytes()
            left -= length_of(chunk)


def length_of(chunk: bytes) -> int:
    """The length at the start of a chunk of snappy: seven bits a byte, lowest first."""
    length = 0
    for index, byte in enumerate(chunk):
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            break
    return length
