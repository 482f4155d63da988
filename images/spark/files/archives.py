"""Files of a store as a tar stream, and a tar stream's files in a store."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from entries import CHUNK, BrokeOff, Entry, Source, StoreError, is_partial

# In the header of a file whose beginning is in the store already: the number of those bytes.
OFFSET = "SPARKSWARM.offset"


def contents(store, path: str) -> Iterator[tuple[Entry, str]]:
    """The entries to fetch for a path, with names in the archive that begin with its last part."""
    top = store.stat(path)
    if top is None:
        raise StoreError(f"There is no {store.scheme}{path}.")
    above = len(path.rpartition("/")[0]) + 1
    yield top, path[above:]
    if top.is_folder:
        for found in store.walk(path):
            if not is_partial(found.name):
                yield found, found.path[above:]


def send(store, paths: list[str], output: BinaryIO) -> None:
    for path in paths:
        for entry, name in contents(store, path):
            header = tarfile.TarInfo(f"./{name}")
            header.mtime = entry.modified / 1000
            header.mode = 0o755 if entry.is_folder else 0o644
            if entry.is_folder:
                header.type = tarfile.DIRTYPE
            else:
                header.size = entry.size
            output.write(header.tobuf(tarfile.PAX_FORMAT))
            if not entry.is_folder:
                for chunk in store.read(entry.path, entry.size):
                    output.write(chunk)
                output.write(bytes(-entry.size % tarfile.BLOCKSIZE))
    output.write(bytes(2 * tarfile.BLOCKSIZE))
    output.flush()


def receive(store, folder: str, stream: BinaryIO) -> None:
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK) as archive:
            for member in archive:
                path = below(folder, member.name)
                if member.isdir():
                    store.make_folder(path)
                    continue
                offset = int(member.pax_headers.get(OFFSET, "0"))
                modified = round(member.mtime * 1000)
                source = Source(path, offset + member.size, modified)
                store.write(source, offset, chunks(archive.extractfile(member)))
    except tarfile.ReadError as error:
        raise BrokeOff(f"the transfer was interrupted ({error})") from None


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """The available content of a file, even if the stream ends early."""
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except tarfile.ReadError:
        return


def below(folder: str, name: str) -> str:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise StoreError(f"{name}: `..` is not a name.")
    return "/".join([folder.rstrip("/"), *parts])
