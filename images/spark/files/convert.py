"""Converts part files of one format to a file of another, in batches of rows."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
from entries import CHUNK, StoreError
from parts import Part, text_of

ROWS = 1 << 14
# Bytes of lines that are read at once, and bytes of a row group.
BLOCK = 16 * CHUNK
ROW_GROUP = 64 * CHUNK


def write(store, parts: list[Part], found: str, kind: str, output: BinaryIO) -> int:
    source = {"parquet": Parquet, "json": Json}[found](store)
    schemas = [schema_of(source, part) for part in parts]
    try:
        inside = pa.unify_schemas(schemas, **source.promotion)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise StoreError(f"The part files do not have the same columns: {error}") from None
    inside = source.readable(inside)
    outside = partition_columns(parts, inside)
    schema = pa.schema([*inside, *outside])
    rows = 0
    try:
        with {"csv": Csv, "json": JsonLines, "parquet": ToParquet}[kind](output, schema) as target:
            for part in parts:
                for batch in source.batches(part, inside):
                    rows += batch.num_rows
                    target.write(completed(batch, part, inside, outside))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise StoreError(f"The files cannot be converted to {kind}: {error}") from None
    return rows


def schema_of(source: Parquet | Json, part: Part) -> pa.Schema:
    try:
        return source.schema(part)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise StoreError(f"{part.entry.path} cannot be read: {error}") from None


def partition_columns(parts: list[Part], inside: pa.Schema) -> list[pa.Field]:
    """Columns whose values are in folder names: integers if all values are."""
    columns = []
    for key in dict.fromkeys(key for part in parts for key in part.values):
        if key in inside.names:
            raise StoreError(f"{key} is both a column and in the names of folders.")
        texts = [text for part in parts if (text := part.values.get(key)) is not None]
        numbers = all(re.fullmatch(r"0|-?[1-9]\d{0,17}", text) for text in texts)
        columns.append(pa.field(key, pa.int64() if texts and numbers else pa.string()))
    return columns


def completed(
    batch: pa.RecordBatch, part: Part, inside: pa.Schema, outside: list[pa.Field]
) -> pa.RecordBatch:
    """A batch with all columns, in one order."""
    count = batch.num_rows
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(count, field.type)
        for field in inside
    ]
    for field in outside:
        value = part.values.get(field.name)
        if value is not None and pa.types.is_integer(field.type):
            value = int(value)
        columns.append(pa.repeat(pa.scalar(value, field.type), count))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema([*inside, *outside]))


class Parquet:
    # A column that a file lacks is empty there.
    promotion = {"promote_options": "default"}

    def __init__(self, store) -> None:
        self.store = store

    def file(self, part: Part) -> pyarrow.parquet.ParquetFile:
        # Some of Spark's timestamps do not fit in nanoseconds.
        return pyarrow.parquet.ParquetFile(
            self.store.file(part.entry), buffer_size=CHUNK, coerce_int96_timestamp_unit="us"
        )

    def schema(self, part: Part) -> pa.Schema:
        file = self.file(part)
        schema = file.schema_arrow.remove_metadata()
        # Spark writes an instant in this form; the type does not show that it is one.
        columns = [file.schema.column(index) for index in range(len(file.schema.names))]
        for name in {
            column.path.split(".")[0] for column in columns if column.physical_type == "INT96"
        }:
            index = schema.get_field_index(name)
            if index >= 0:
                field = schema.field(index)
                schema = schema.set(index, field.with_type(changed(field.type, as_instant)))
        return schema

    def readable(self, schema: pa.Schema) -> pa.Schema:
        return schema

    def batches(self, part: Part, _: pa.Schema) -> Iterator[pa.RecordBatch]:
        yield from self.file(part).iter_batches(ROWS, use_threads=False)


class Json:
    # Integers in one file may be fractions in another.
    promotion = {"promote_options": "permissive"}

    def __init__(self, store) -> None:
        self.store = store

    def blocks(self, part: Part) -> Iterator[BytesIO]:
        """Whole lines."""
        with text_of(self.store, part) as file:
            while block := file.read(BLOCK):
                yield BytesIO(block + file.readline())

    def schema(self, part: Part) -> pa.Schema:
        schemas = [pyarrow.json.read_json(block).schema for block in self.blocks(part)]
        return pa.unify_schemas(schemas, **self.promotion)

    def readable(self, schema: pa.Schema) -> pa.Schema:
        """Without the types that pyarrow infers from texts: those stay as they are written."""
        return pa.schema([field.with_type(changed(field.type, as_text)) for field in schema])

    def batches(self, part: Part, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        options = pyarrow.json.ParseOptions(schema, unexpected_field_behavior="error")
        for block in self.blocks(part):
            yield from pyarrow.json.read_json(block, parse_options=options).to_batches()


def changed(kind: pa.DataType, change: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """A type with all leaf types in it changed."""
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(changed(kind.value_type, change)))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(changed(field.type, change)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(changed(kind.key_type, change), changed(kind.item_type, change))
    return change(kind)


def as_text(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_timestamp(kind) else kind


def as_instant(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", "UTC") if pa.types.is_timestamp(kind) else kind


class Csv:
    def __init__(self, output: BinaryIO, schema: pa.Schema) -> None:
        for field in schema:
            if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
                raise StoreError(
                    f"CSV cannot hold the values of column {field.name} ({field.type}): "
                    "get it --as NAME.json or NAME.parquet."
                )
        self.writer = pyarrow.csv.CSVWriter(output, schema)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_: object) -> None:
        if kind is None:
            self.writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        self.writer.write_batch(batch)


class ToParquet(Csv):
    def __init__(self, output: BinaryIO, schema: pa.Schema) -> None:
        self.writer = pyarrow.parquet.ParquetWriter(output, schema)
        self.schema = schema
        self.waiting: list[pa.RecordBatch] = []

    def __exit__(self, kind, *_: object) -> None:
        if kind is None:
            self.write_group()
            self.writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        self.waiting.append(batch)
        if sum(waiting.nbytes for waiting in self.waiting) >= ROW_GROUP:
            self.write_group()

    def write_group(self) -> None:
        table = pa.Table.from_batches(self.waiting, self.schema)
        if table.num_rows > 0:
            self.writer.write_table(table, row_group_size=table.num_rows)
        self.waiting = []


class JsonLines(Csv):
    """Spark's form, but with decimals as texts, so that all readers keep all digits."""

    def __init__(self, output: BinaryIO, _: pa.Schema) -> None:
        self.output = output

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, batch: pa.RecordBatch) -> None:
        rows = batch.to_pylist(maps_as_pydicts="strict")
        self.output.write("".join(f"{encoded(row)}\n" for row in rows).encode())


def encoded(row: dict[str, object]) -> str:
    try:
        return ENCODER.encode(row)
    except (TypeError, ValueError):
        # The encoder does not call `plain` for keys that are not texts, nor for NaN and infinities.
        return ENCODER.encode(plain(row))


def plain(value: object) -> object:
    """A value in JSON's types."""
    if isinstance(value, dict):
        return {key_of(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=plain)


def key_of(key: object) -> str:
    return str(plain(key))
