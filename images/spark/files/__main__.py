"""The cluster's stores for the command-line tool: `python3 spark-store COMMAND …` in Spark's image.

ls|list|du|rm PATH…  entries as JSON, a line each; `list` is recursive
get PATH…            a tar stream on standard output, as long as standard input stays open
as FORMAT HEADER PATH  a folder's part files as one file, likewise
saved                takes files as JSON, {path, size, modified} a line, that have arrived elsewhere
unsaved [json]       files that have no other copy, a line for each place
archive FOLDER PATH  copies the files of a folder of the cluster's own store to another path
adopt FOLDER RECORD  copies files of a folder of this host that are not on record
plan FOLDER          takes files as JSON, {path, size, modified} a line; prints what to send of each
put FOLDER           takes a tar stream
"""

from __future__ import annotations

import json
import os
import sys
import threading
from itertools import groupby
from pathlib import Path

import archives
import keep
from entries import FORBIDDEN, BrokeOff, Entry, Source, StoreError
from s3 import S3
from webhdfs import WebHdfs

BROKE_OFF = 75


def open_store(location: str):
    """The store of a location and the path in it."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return WebHdfs(), clean(location)
    if scheme in ("s3", "s3a"):
        return S3(), clean(rest)
    return WebHdfs(), clean(rest.partition("/")[2])


def clean(path: str) -> str:
    return "/" + "/".join(part for part in path.split("/") if part)


def opened(locations: list[str]):
    """Each location's store and path. There are at most two stores."""
    stores: dict[type, object] = {}
    for location in locations:
        store, path = open_store(location)
        yield stores.setdefault(type(store), store), path


def existing(store, path: str) -> Entry:
    found = store.stat(path)
    if found is None:
        raise StoreError(f"There is no {store.scheme}{path}.")
    return found


def say(store, entry: Entry, **more: object) -> None:
    said = {
        "path": store.scheme + entry.path,
        "type": "folder" if entry.is_folder else "file",
        "size": entry.size,
        "modified": entry.modified,
        "replication": entry.replication,
        "saved": entry.is_saved,
    }
    print(json.dumps({**said, **more}))


def ls(*locations: str) -> None:
    for store, path in opened(list(locations)):
        found = existing(store, path)
        for entry in store.list(path) if found.is_folder else [found]:
            say(store, entry)


def list_all(*locations: str) -> None:
    for store, path in opened(list(locations)):
        for entry, name in archives.contents(store, path):
            say(store, entry, name=name)


def du(*locations: str) -> None:
    for store, path in opened(list(locations)):
        found = existing(store, path)
        for entry in store.list(path) if found.is_folder else [found]:
            say(store, entry, **store.usage(entry.path))


def rm(recursive: str, *locations: str) -> None:
    found = [(store, existing(store, path)) for store, path in opened(list(locations))]
    for store, entry in found:
        if entry.is_folder and recursive != "recursive":
            raise StoreError(
                f"{store.scheme}{entry.path} is a folder. --recursive removes it with its contents."
            )
    for store, entry in found:
        usage = store.usage(entry.path)
        store.remove(entry.path)
        say(store, entry, **usage)


def get(*locations: str) -> None:
    end_with_input()
    [(store, _), *_] = targets = list(opened(list(locations)))
    archives.send(store, [path for _, path in targets], sys.stdout.buffer)


def as_one(kind: str, header: str, location: str) -> None:
    end_with_input()
    import merge

    store, path = open_store(location)
    merge.write(store, existing(store, path), kind, header, sys.stdout.buffer)


def plan(location: str) -> None:
    store, folder = open_store(location)
    given = [json.loads(line) for line in sys.stdin]
    sources = [
        Source(archives.below(folder, file["path"]), file["size"], file["modified"])
        for file in given
    ]
    refuse(store, [source.path for source in sources])
    missing = 0
    files = sorted(zip(sources, given), key=lambda pair: pair[0])
    lines = []
    for above, group in groupby(files, key=lambda pair: pair[0].folder):
        there = {entry.name: entry for entry in store.list(above)}
        group = list(group)
        wanted = {source.partial for source, _ in group}
        store.remove_old_partials(entry for entry in there.values() if entry.path not in wanted)
        for source, file in group:
            found = there.get(source.name)
            if found and found.is_folder:
                raise StoreError(
                    f"{store.scheme}{source.path} is a folder in the store, but a file here."
                )
            offset = store.offset(source, there)
            if offset is not None:
                missing += source.size - offset
                lines.append({"path": file["path"], "offset": offset})
    room = store.room()
    if room is not None and missing > room:
        raise StoreError(
            f"The store is full: the files take {readable(missing)}, but it has room for "
            f"{readable(room)}. `spark-swarm du` shows its disk usage."
        )
    for line in lines:
        print(json.dumps(line))


def readable(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"


def refuse(store, paths: list[str]) -> None:
    bad = [path for path in paths if FORBIDDEN in path]
    if bad:
        raise StoreError(
            f"Jobs cannot read names with a colon, so these are not copied: {', '.join(bad[:5])}"
            f"{f' and {len(bad) - 5} more' if len(bad) > 5 else ''}. Rename them, or pack them."
        )


def put(location: str) -> None:
    store, folder = open_store(location)
    archives.receive(store, folder, sys.stdin.buffer)


def saved() -> None:
    stores: dict[type, object] = {}
    for line in sys.stdin:
        file = json.loads(line)
        store, path = open_store(file["path"])
        store = stores.setdefault(type(store), store)
        found = store.stat(path)
        # A file that was rewritten since has not been fetched.
        if found and not found.is_saved and found[2:4] == (file["size"], file["modified"]):
            store.mark_saved(path)


def unsaved(form: str = "text") -> None:
    for place, count, size in keep.unsaved(WebHdfs()):
        if form == "json":
            print(json.dumps({"place": place, "files": count, "size": size}))
            continue
        print(f"{place}  {count} file{'s' if count > 1 else ''}, {readable(size)}")


def archive(folder: str, location: str) -> None:
    store, target = open_store(location)
    count, size = keep.archive(WebHdfs(), folder, store, target)
    print(f"{folder}: {count} file{'' if count == 1 else 's'}, {readable(size)}, to {location}")


def adopt(folder: str, record: str) -> None:
    print(keep.adopt(WebHdfs(), Path(folder), Path(record)), end="")


def end_with_input() -> None:
    """Ends with `docker exec`: otherwise the program would go on fetching data for no reader."""

    def watch() -> None:
        while sys.stdin.buffer.read(1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


COMMANDS = {
    "ls": ls,
    "list": list_all,
    "du": du,
    "rm": rm,
    "get": get,
    "as": as_one,
    "saved": saved,
    "unsaved": unsaved,
    "archive": archive,
    "adopt": adopt,
    "plan": plan,
    "put": put,
}


def main() -> int:
    try:
        COMMANDS[sys.argv[1]](*sys.argv[2:])
        sys.stdout.flush()
        return 0
    except BrokenPipeError:
        return 1
    except BrokeOff as error:
        print(error, file=sys.stderr)
        return BROKE_OFF
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Exits at once: a normal exit would turn an incomplete upload to S3 into an object.
    os._exit(status)
