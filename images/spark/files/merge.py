"""Joins a folder's part files to one file, while it is sent."""

from __future__ import annotations

import re
import sys
from typing import BinaryIO

from entries import CHUNK, Entry, StoreError
from parts import Part, parts_of, text_of

# The maximum length of a header, in bytes.
HEADER = 1 << 16


def write(store, top: Entry, kind: str, header: str, output: BinaryIO) -> None:
    parts = parts_of(store, top)
    formats = {part.format for part in parts}
    if len(formats) > 1:
        raise StoreError(f"{top.path} has files of several kinds: {', '.join(sorted(formats))}.")
    (found,) = formats
    if header != "found" and found not in ("csv", "text"):
        raise StoreError(f"--header is for CSV, and {top.path} has {found}.")
    if found in (kind, "text") and kind != "parquet":
        concatenate(store, parts, header if kind == "csv" else "no", output)
        note(f"{count_of(parts)} put together.")
    elif found in ("parquet", "json"):
        import convert

        rows = convert.write(store, parts, found, kind, output)
        note(f"{count_of(parts)}, {rows} {'row' if rows == 1 else 'rows'}.")
    else:
        instead = "get it --as NAME.csv, or " if found == "csv" else ""
        raise StoreError(
            f"{top.path} has {found}, which does not give all types of its columns: "
            f"{instead}let Spark read it and write {kind}, and get that."
        )
    output.flush()


def concatenate(store, parts: list[Part], header: str, output: BinaryIO) -> None:
    """Joins text files as they are, with only the first of their header lines."""
    split = next((key for part in parts for key in part.values), None)
    if split is not None:
        raise StoreError(
            f"The values of {split} are only in the names of folders: one file would lose them. "
            "Let Spark write without partitionBy, or Parquet, and get that."
        )
    repeated = header != "no" and repeats(store, parts, header)
    for index, part in enumerate(parts):
        with text_of(store, part) as file:
            if repeated and index > 0:
                file.readline()
            last = b"\n"
            while chunk := file.read(CHUNK):
                output.write(chunk)
                last = chunk[-1:]
            if last != b"\n":
                output.write(b"\n")


def repeats(store, parts: list[Part], header: str) -> bool:
    """Whether every part begins with the header."""
    first, second = set(), set()
    for part in parts:
        with text_of(store, part) as file:
            first.add(file.readline(HEADER).rstrip(b"\r\n"))
            second.add(file.readline(HEADER).rstrip(b"\r\n"))
    if len(first) > 1:
        if header == "yes":
            raise StoreError(
                "The part files begin with different lines, so these are not a header."
            )
        return False
    if header == "yes":
        return True
    # A repeated line is a row, and so may be a line that nothing follows.
    repeated = first & second or second == {b""}
    if len(parts) == 1 or repeated or not is_header(min(first)):
        return False
    line = min(first).decode("utf-8", "replace")
    note(f"all part files begin with the line {line}: it is kept once, as the header.")
    return True


def is_header(line: bytes) -> bool:
    """Whether its fields may be names: not empty, all different, and not numbers."""
    fields = [field.strip(b'" ') for field in re.split(rb"[,;|\t]", line)]
    numbers = [field for field in fields if re.fullmatch(rb"[-+]?[\d.]+([eE][-+]?\d+)?", field)]
    return all(fields) and len(set(fields)) == len(fields) and not numbers


def count_of(parts: list[Part]) -> str:
    return "1 file" if len(parts) == 1 else f"{len(parts)} part files"


def note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)
