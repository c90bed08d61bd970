"""Tables on ports, in Arrow's memory layout."""

from typing import Any, Callable, Dict, List, Optional

from . import _arrow, _columns


class Table:
    """A table that a task received. ``pyarrow.table(x)`` and ``x.arrow()`` share its memory.

    As an annotation: ``Table`` or ``Table["a: int, b: string?"]``.
    """

    __slots__ = ("_contents", "_stream", "__weakref__")

    def __init__(self, contents: Optional[_arrow.Contents] = None, stream: Optional[Callable[[], Any]] = None) -> None:
        self._contents = contents
        self._stream = stream  # gives an arrow_array_stream capsule, once

    def __class_getitem__(cls, item: Any) -> Any:
        from ._annotations import table_annotation

        return table_annotation(item)

    @classmethod
    def from_columns(cls, columns: Dict[str, List[Any]]) -> "Table":
        """A table of Python lists: bool, int, float, str or bytes, with None for a missing value."""
        return cls(_columns.from_columns(columns))

    def _read(self) -> _arrow.Contents:
        if self._contents is None:
            assert self._stream is not None
            self._contents = _arrow.import_stream(self._stream())
            self._stream = None
        return self._contents

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return _arrow.export_stream(self._read())

    def __arrow_c_schema__(self) -> Any:
        return _arrow.export_schema(self._read().schema)

    @property
    def column_names(self) -> List[str]:
        return [field.name for field in self._read().schema.children]

    @property
    def num_rows(self) -> int:
        return sum(batch.length for batch in self._read().batches)

    def __len__(self) -> int:
        return self.num_rows

    def columns(self) -> Dict[str, List[Any]]:
        """The columns as Python lists (a copy). Knows bool, int, float, text and bytes; pyarrow knows all types."""
        return _columns.to_columns(self._read())

    def rows(self) -> List[Dict[str, Any]]:
        columns = self.columns()
        return [dict(zip(columns, row)) for row in zip(*columns.values())]

    def arrow(self) -> Any:
        """A ``pyarrow.Table`` that shares the memory."""
        import pyarrow

        return pyarrow.RecordBatchReader.from_stream(self).read_all()

    def pandas(self) -> Any:
        """A ``pandas.DataFrame`` (through pyarrow; pandas copies what it cannot share)."""
        return self.arrow().to_pandas()

    def __repr__(self) -> str:
        return "Table(%s)" % ", ".join(self.column_names)


def capsule(value: Any, kinds: Optional[Dict[str, str]] = None) -> Any:
    """An ``arrow_array_stream`` capsule of anything table-like. Raises TypeError with the reason."""
    if isinstance(value, dict):
        try:
            return _arrow.export_stream(_columns.from_columns(value, kinds))
        except (TypeError, ValueError, OverflowError) as error:
            raise TypeError(str(error)) from None
    kind = type(value)
    if kind.__module__.split(".")[0] == "pandas" and kind.__name__ == "DataFrame":
        return _pandas(value)
    if hasattr(value, "__arrow_c_stream__"):
        return value.__arrow_c_stream__()
    raise TypeError("got %s" % kind.__name__)


def _pandas(frame: Any) -> Any:
    """Without index and without pandas' own metadata, which would make equal tables differ."""
    try:
        import pyarrow
    except ImportError:
        raise TypeError("got a pandas.DataFrame, which needs pyarrow to leave the task") from None
    table = pyarrow.Table.from_pandas(frame, preserve_index=False)
    return table.replace_schema_metadata(None).__arrow_c_stream__()
