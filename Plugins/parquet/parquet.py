# /// script
# requires-python = ">=3.9"
# dependencies = ["pyarrow==21.0.0"]
# ///
"""Tables from and to Parquet and Arrow files, over pyarrow."""

from typing import Optional

import pyarrow
import pyarrow.feather
import pyarrow.parquet
from assay import Context, Failure, File, Table, task


def _read(path, reader, code):
    try:
        return reader(path)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError, OSError) as error:
        raise Failure(str(error).splitlines()[0], code=code, port="file", retryable=False) from error


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
    if columns is not None:
        known = _read(file, pyarrow.parquet.read_schema, "parquet.damaged").names
        for name in columns:
            if name not in known:
                raise Failure("there is no column `%s`" % name, code="table.column", port="columns", retryable=False)
    return _read(file, lambda path: pyarrow.parquet.read_table(path, columns=columns), "parquet.damaged")


@task(version="1.0.0", phase="deployment", pure=True, deterministic=True, idempotent=True, output="file")
def write_parquet(context: Context, table: Table, name: str = "table.parquet") -> File["parquet"]:
    """Writes a table as a Parquet file, compressed with zstd.

    assay> use std.table
    assay> use std.file
    assay> f = file.write_text(text: "a\\n1\\n")
    assay> raw = table.read_csv(path: f.file)
    assay> parquet.write_parquet(table: raw.table)
    file = a file of …
    """
    path = context.artifact(name)
    pyarrow.parquet.write_table(table.arrow(), path, compression="zstd")
    return path


@task(version="1.0.0", phase="acquisition", pure=True, deterministic=True, idempotent=True, output="table")
def read_arrow(file: File) -> Table:
    """Reads an Arrow file (also called Feather version 2). Fails with arrow.damaged.

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
    return _read(file, pyarrow.feather.read_table, "arrow.damaged")


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
    pyarrow.feather.write_feather(table.arrow(), path, compression="uncompressed")
    return path
