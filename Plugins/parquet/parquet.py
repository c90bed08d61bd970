# /// script
# requires-python = ">=3.9"
# dependencies = ["pyarrow==21.0.0"]
# ///
"""Tables from and to Parquet and Arrow files, over pyarrow."""

import os
from typing import Literal, Optional

import pyarrow
import pyarrow.ipc
import pyarrow.parquet
from assay import Context, Failure, File, Table, task


def _read(path, reader, code):
    try:
        return reader(path)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError, OSError) as error:
        raise Failure(str(error).splitlines()[0], code=code, port="file", retryable=False) from error


def _select(known, columns):
    for name in columns or ():
        if name not in known:
            raise Failure("there is no column `%s`" % name, code="table.column", port="columns", retryable=False)


def _plain(table):
    """Views of texts and bytes, which the engine does not know, as texts and bytes."""
    for index, field in enumerate(table.schema):
        if field.type == pyarrow.string_view():
            table = table.set_column(index, field.name, table.column(index).cast(pyarrow.large_string()))
        elif field.type == pyarrow.binary_view():
            table = table.set_column(index, field.name, table.column(index).cast(pyarrow.large_binary()))
    return table


@task(version="1.0.0", phase="acquisition", pure=True, deterministic=True, idempotent=True, output="table")
def read_parquet(file: File, columns: Optional[list[str]] = None) -> Table:
    """Reads a Parquet file, or some of its columns. Fails with parquet.damaged or table.column.

    file: any Parquet file
    columns: those to read; all when not given

    assay> use std.file
    assay> use std.table
    assay> f = file.write_text(text: "a,b\\n1,x\\n2,y\\n")
    assay> raw = table.read_csv(path: f.file)
    assay> packed = parquet.write_parquet(table: raw.table)
    assay> parquet.read_parquet(file: packed.file, columns: ["b"])
    table:
    | b
    | x
    | y

    assay> use std.file
    assay> f = file.write_text(text: "no such thing")
    assay> parquet.read_parquet(file: f.file)
    fails: parquet.damaged
    """
    _select(_read(file, pyarrow.parquet.read_schema, "parquet.damaged").names, columns)
    return _plain(_read(file, lambda path: pyarrow.parquet.read_table(path, columns=columns), "parquet.damaged"))


@task(version="1.0.0", phase="deployment", pure=True, deterministic=True, idempotent=True, output="file")
def write_parquet(
    context: Context,
    table: Table,
    name: str = "table.parquet",
    compression: Literal["zstd", "snappy", "gzip", "none"] = "zstd",
) -> File["parquet"]:
    """Writes a table as a Parquet file.

    compression: snappy is what the oldest readers know

    assay> use std.table
    assay> use std.file
    assay> f = file.write_text(text: "a\\n1\\n")
    assay> raw = table.read_csv(path: f.file)
    assay> parquet.write_parquet(table: raw.table)
    file = a file of …
    """
    path = context.artifact(name)
    pyarrow.parquet.write_table(table.arrow(), path, compression=compression)
    return path


@task(version="1.0.0", phase="acquisition", pure=True, deterministic=True, idempotent=True, output="table")
def read_arrow(file: File, columns: Optional[list[str]] = None) -> Table:
    """Reads an Arrow file (also called Feather version 2) or stream, or some of its columns. One that is not
    compressed is mapped into memory, not copied. Fails with arrow.damaged or table.column.

    file: what other tools call .arrow, .feather, .ipc or .arrows
    columns: those to read; all when not given

    assay> use std.file
    assay> use std.table
    assay> f = file.write_text(text: "a,b\\n1,x\\n2,\\n")
    assay> raw = table.read_csv(path: f.file)
    assay> packed = parquet.write_arrow(table: raw.table)
    assay> parquet.read_arrow(file: packed.file)
    table:
    | a  b
    | 1  x
    | 2  null
    """

    def read(path):
        source = pyarrow.memory_map(os.fspath(path))
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        return (pyarrow.ipc.open_file(source) if is_file else pyarrow.ipc.open_stream(source)).read_all()

    table = _read(file, read, "arrow.damaged")
    _select(table.column_names, columns)
    return _plain(table if columns is None else table.select(columns))


@task(version="1.0.0", phase="deployment", pure=True, deterministic=True, idempotent=True, output="file")
def write_arrow(context: Context, table: Table, name: str = "table.arrow") -> File:
    """Writes a table as an Arrow file that others can map into memory.

    assay> use std.table
    assay> use std.file
    assay> f = file.write_text(text: "a\\n1\\n")
    assay> raw = table.read_csv(path: f.file)
    assay> parquet.write_arrow(table: raw.table)
    file = a file of …
    """
    path = context.artifact(name)
    contents = table.arrow()
    with pyarrow.OSFile(os.fspath(path), "wb") as sink, pyarrow.ipc.new_file(sink, contents.schema) as writer:
        writer.write_table(contents)
    return path
