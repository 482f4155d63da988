"""Runs statements on the cluster's SQL server: `sql.py FORMAT`, with table, csv or json.

The first line of standard input is a JSON list of statements, which run one after another in one
session. They end when standard input ends.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import math
import os
import re
import sys
import threading
import time
import unicodedata
from itertools import chain

from pyhive import hive
from pyhive.exc import OperationalError
from TCLIService.ttypes import TOperationState as State
from thrift.transport.TTransport import TTransportException

# Rows per request. The first ones also determine a table's column widths.
BATCH = 1000
UNFINISHED = (State.INITIALIZED_STATE, State.PENDING_STATE, State.RUNNING_STATE)


def plain(value: object) -> object:
    """A value in JSON's types, or a text in Spark's form."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        text = value.isoformat(sep=" ")
        return text.rstrip("0") if "." in text else text
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def as_text(value: object) -> str:
    value = plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


def as_json(value: object) -> str:
    value = plain(value)
    # Decimals with all their digits.
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)


def write_json(names: list[str], batches) -> None:
    """An array of objects, on its own line."""
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    separator = "["
    for batch in batches:
        for row in batch:
            pairs = (f"{key}: {as_json(value)}" for key, value in zip(keys, row))
            sys.stdout.write(f"{separator}{{{', '.join(pairs)}}}")
            separator = ",\n"
    sys.stdout.write("[]\n" if separator == "[" else "]\n")


def write_csv(names: list[str], batches) -> None:
    """CSV by RFC 4180. As in PostgreSQL, NULL is empty, and an empty text is in quotes."""
    if not names:
        return
    print(",".join(map(csv_cell, names)))
    for batch in batches:
        for row in batch:
            # Readers skip an empty line.
            print(",".join(map(csv_cell, row)) or '""')


def csv_cell(value: object) -> str:
    if value is None:
        return ""
    text = as_text(value)
    if text and not re.search(r'[,"\r\n]', text):
        return text
    return '"' + text.replace('"', '""') + '"'


def write_table(names: list[str], batches) -> None:
    """A table with columns as wide as the first rows need."""
    if not names:
        return
    batches = iter(batches)
    first = next(batches, [])
    lines = [list(map(table_cell, row)) for row in first]
    head = list(map(table_cell, names))
    widths = [max(map(width, column)) for column in zip(head, *lines)]
    print_line(head, widths)
    print_line(["-" * size for size in widths], widths)
    for line in lines:
        print_line(line, widths)
    for batch in batches:
        for row in batch:
            print_line(map(table_cell, row), widths)


def table_cell(value: object) -> str:
    """A text on one line."""
    text = "NULL" if value is None else as_text(value)
    return re.sub(r"[\x00-\x1f\x7f]", lambda found: repr(found[0])[1:-1], text)


def width(text: str) -> int:
    """The width of a text in columns of a terminal."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def print_line(cells, widths: list[int]) -> None:
    padded = (cell + " " * (size - width(cell)) for cell, size in zip(cells, widths))
    print("  ".join(padded).rstrip())


def execute(cursor, statement: str) -> None:
    """Runs asynchronously: only then does the server cancel statements of closed connections."""
    cursor.execute(statement, async_=True)
    # Each poll waits for the end, for a few seconds at most.
    while (answer := cursor.poll()).operationState in UNFINISHED:
        time.sleep(0.01)
    if answer.operationState != State.FINISHED_STATE:
        raise OperationalError(answer.errorMessage or "The server stopped the statement.")


def result_of(cursor):
    """A statement's columns, and its rows in batches; no columns if it has no result."""
    names = [name for name, *_ in cursor.description or []]
    # Spark's column for a statement without a result. PyHive treats the missing columns as an
    # error.
    if names == ["Result"]:
        try:
            first = cursor.fetchmany(BATCH)
        except TypeError:
            return [], []
        return names, chain([first], batches_of(cursor))
    return names, batches_of(cursor)


def batches_of(cursor):
    while batch := cursor.fetchmany(BATCH):
        yield batch


def reason(error: Exception) -> str:
    """Spark's message, without the classes, places and plans around it."""
    status = getattr(error.args[0] if error.args else None, "status", None)
    text = (status.errorMessage if status else None) or str(error)
    text = text.split("\n\tat ")[0]
    text = re.sub(r"^.*?Error running query: ", "", text, flags=re.DOTALL)
    text = without_class(text)
    text = re.sub(r"^Job aborted due to stage failure: .*? executor \S+\): ", "", text)
    text = re.sub(r"(; line \d+ pos \d+);\n.*", r"\1", without_class(text), flags=re.DOTALL)
    return text.strip()


def without_class(text: str) -> str:
    return re.sub(r"^(?:\[[\w.]+\] )?[\w.$]+(?:Exception|Error): +", "", text)


def end_with_input() -> None:
    """Ends with `docker exec`: otherwise the program and its statement would continue."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


FORMATS = {"table": write_table, "csv": write_csv, "json": write_json}


def main() -> None:
    write = FORMATS[sys.argv[1]]
    statements = json.loads(sys.stdin.buffer.readline())
    end_with_input()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    try:
        with hive.connect(host="sql", username="spark") as connection:
            for statement in statements:
                cursor = connection.cursor()
                execute(cursor, statement)
                write(*result_of(cursor))
                sys.stdout.flush()
    except (OperationalError, TTransportException) as error:
        sys.stdout.flush()
        sys.exit(reason(error))


main()
