"""Files that would be lost with the cluster, and files from before there was a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from archives import below
from entries import CHUNK, FORBIDDEN, BrokeOff, Entry, Source, StoreError, is_partial

# Temporary files of programs.
PASSING = ("_temporary", ".sparkStaging", ".hive-staging")
# The depth of the places that are reported: /data/out, /warehouse/sales.
DEPTH = 2


def unsaved(store) -> Iterator[tuple[str, int, int]]:
    """Each place with files that have no other copy, with their number and bytes."""
    found: dict[str, list[int]] = {}
    for entry in kept(store, "/"):
        if entry.size > 0 and not entry.is_saved:
            place = "/".join(entry.path.split("/")[: DEPTH + 1])
            found.setdefault(place, []).append(entry.size)
    for place, sizes in found.items():
        yield place, len(sizes), sum(sizes)


def kept(store, folder: str) -> Iterator[Entry]:
    for entry in store.list(folder):
        if entry.path == "/tmp" or is_partial(entry.name) or entry.name.startswith(PASSING):
            continue
        if entry.is_folder:
            yield from kept(store, entry.path)
        else:
            yield entry


def archive(store, folder: str, other, target: str) -> tuple[int, int]:
    """Copies a folder without temporary files; returns the number of files and bytes."""
    count = total = 0
    for entry in kept(store, folder):
        path = below(target, entry.path.removeprefix(folder))
        source = Source(path, entry.size, entry.modified)
        found = other.stat(path)
        if other.offset(source, {source.name: found} if found else {}) is not None:
            other.write(source, 0, store.read(entry.path, entry.size))
        if not entry.is_saved:
            store.mark_saved(entry.path)
        count += 1
        total += entry.size
    return count, total


def adopt(store, folder: Path, record: Path) -> str:
    """Copies a host's files into the store, at the same paths, unless it has files there.

    Each file once: the record lists copied files, which users may have removed since.
    """
    before = record.read_text("utf-8").splitlines() if record.exists() else []
    known = set(before)
    problems: list[str] = []
    count = 0
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or is_passing(inside):
            continue
        stat = path.stat()
        source = Source(below(str(folder), str(inside)), stat.st_size, stat.st_mtime_ns // 10**6)
        line = json.dumps([source.path, source.size, source.modified])
        if line in known:
            continue
        try:
            if FORBIDDEN in source.path:
                raise StoreError(f"{path} is not copied: jobs cannot read names with a colon")
            if store.stat(source.path) is None:
                write(store, source, path)
                count += 1
        except BrokeOff:
            raise
        except StoreError as error:
            problems.append(str(error))
            continue
        with record.open("a", encoding="utf-8") as lines:
            lines.write(f"{line}\n")
    files = "1 file" if count == 1 else f"{count} files"
    said = [f"{files} of the manager's {folder} copied to the store"] if count else []
    return "".join(f"{line}\n" for line in [*said, *problems])


def is_passing(path: Path) -> bool:
    return any(part.startswith((*PASSING, ".incoming-")) for part in path.parts)


def write(store, source: Source, path: Path) -> None:
    with path.open("rb") as file:
        store.write(source, 0, iter(lambda: file.read(CHUNK), b""), is_saved=False)
