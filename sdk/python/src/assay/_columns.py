"""Tables without pyarrow: Python lists into Arrow's layout and back."""

import array as packed
import struct
from typing import Any, Dict, List, Optional, Tuple

from . import _dtypes
from ._arrow import Array, Contents, Field

_FORMATS = {
    "i8": "c", "u8": "C", "i16": "s", "u16": "S", "i32": "i", "u32": "I", "i64": "l", "u64": "L", "f16": "e",
    "f32": "f", "f64": "g",
}
_CODES = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q", "e": "e", "f": "f", "g": "d"}


def from_columns(columns: Dict[str, Any], kinds: Optional[Dict[str, str]] = None) -> Contents:
    """``kinds`` may name the type of a column (bool, int, float, string, bytes). Raises TypeError, ValueError."""
    fields, arrays = [], []
    rows = None
    for name, column in columns.items():
        if not isinstance(name, str):
            raise TypeError("column names are strings, not %r" % (name,))
        form, array = _numeric(column) or _packed(name, column, (kinds or {}).get(name))
        if rows is not None and array.length != rows:
            raise ValueError("column %r has %d rows, the columns before it %d" % (name, array.length, rows))
        rows = array.length
        fields.append(Field(form, name))
        arrays.append(array)
    schema = Field("+s", "", flags=0, children=tuple(fields))
    return Contents(schema, [Array(rows or 0, 0, 0, (None,), tuple(arrays))])


def _numeric(column: Any) -> Optional[Tuple[str, Array]]:
    """A one-dimensional buffer of numbers (numpy array, array.array) as it is."""
    if isinstance(column, (list, tuple, bytes, bytearray)):
        return None
    try:
        view = memoryview(getattr(column, "values", column))  # a pandas series has its array in `values`
    except (TypeError, ValueError, BufferError):
        return None
    dtype = _dtypes.of_format(view.format)
    if dtype is None or dtype.name not in _FORMATS or view.ndim != 1:
        return None
    data = view.cast("B") if view.c_contiguous and view.nbytes else memoryview(view.tobytes())
    return _FORMATS[dtype.name], Array(view.shape[0], 0, 0, (None, data))


def _packed(name: str, column: Any, kind: Optional[str]) -> Tuple[str, Array]:
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    kind = kind or _kind(name, values)
    nulls = values.count(None)
    validity = _bits([value is not None for value in values]) if nulls else None
    if kind == "bool":
        return "b", Array(len(values), nulls, 0, (validity, _bits([bool(value) for value in values])))
    try:
        if kind == "int":
            data = packed.array("q", [0 if v is None else v for v in values] if nulls else values)
            return "l", Array(len(values), nulls, 0, (validity, memoryview(data).cast("B") if data else memoryview(b"")))
        if kind == "float":
            data = packed.array("d", [0.0 if v is None else v for v in values] if nulls else values)
            return "g", Array(len(values), nulls, 0, (validity, memoryview(data).cast("B") if data else memoryview(b"")))
        parts = [b"" if v is None else v.encode("utf-8") if kind == "string" else bytes(v) for v in values]
    except (TypeError, AttributeError, OverflowError, UnicodeError) as error:
        raise TypeError("column %r is not all %s: %s" % (name, kind, error)) from None
    total = sum(map(len, parts))
    wide = total > 0x7FFFFFFF
    offsets, at = packed.array("q" if wide else "i", [0]), 0
    for part in parts:
        at += len(part)
        offsets.append(at)
    form = ("U" if wide else "u") if kind == "string" else ("Z" if wide else "z")
    buffers = (validity, memoryview(offsets).cast("B"), memoryview(b"".join(parts)))
    return form, Array(len(values), nulls, 0, buffers)


def _kind(name: str, values: List[Any]) -> str:
    kinds = set()
    for kind in set(map(type, values)):
        if kind is bool or (kind.__module__ == "numpy" and kind.__name__.startswith("bool")):
            kinds.add("bool")
        elif issubclass(kind, int) or (kind.__module__ == "numpy" and hasattr(kind, "__index__")):
            kinds.add("int")
        elif issubclass(kind, float) or (kind.__module__ == "numpy" and hasattr(kind, "__float__")):
            kinds.add("float")
        elif issubclass(kind, str):
            kinds.add("string")
        elif issubclass(kind, (bytes, bytearray)):
            kinds.add("bytes")
        elif kind is not type(None):
            raise TypeError("column %r holds a %s" % (name, kind.__name__))
    if kinds == {"int", "float"}:
        return "float"
    if len(kinds) > 1:
        raise TypeError("column %r mixes %s" % (name, " and ".join(sorted(kinds))))
    return kinds.pop() if kinds else "string"


def _bits(flags: List[bool]) -> memoryview:
    data = bytearray((len(flags) + 7) // 8)
    for index, flag in enumerate(flags):
        if flag:
            data[index >> 3] |= 1 << (index & 7)
    return memoryview(bytes(data))


def to_columns(contents: Contents) -> Dict[str, List[Any]]:
    result: Dict[str, List[Any]] = {field.name: [] for field in contents.schema.children}
    for batch in contents.batches:
        for field, array in zip(contents.schema.children, batch.children):
            result[field.name] += values(field, array)[batch.offset:batch.offset + batch.length]
    return result


def values(field: Field, array: Array) -> List[Any]:
    """The slots of one array as Python objects. Raises TypeError for types that need pyarrow."""
    end = array.offset + array.length
    form, buffers = field.format, array.buffers
    if form == "n" or array.length == 0:
        return [None] * array.length
    if field.dictionary is not None and array.dictionary is not None:
        words = values(field.dictionary, array.dictionary)
        slots = _numbers(buffers[1], _CODES[form], end)
        raw = [words[i] if 0 <= i < len(words) else None for i in slots[array.offset:]]
    elif form == "b":
        data = buffers[1] or b""
        raw = [bool(data[i >> 3] >> (i & 7) & 1) for i in range(array.offset, end)]
    elif form in _CODES:
        raw = _numbers(buffers[1], _CODES[form], end)[array.offset:]
    elif form in ("u", "z", "U", "Z"):
        offsets = _numbers(buffers[1], "i" if form in "uz" else "q", end + 1)[array.offset:] or [0]
        data = bytes(buffers[2] or b"")
        raw = [data[a:b] for a, b in zip(offsets, offsets[1:])]
        if form in "uU":
            raw = [part.decode("utf-8", "replace") for part in raw]
    else:
        raise TypeError("column %r has the Arrow type %r: read it with .arrow() (needs pyarrow)" % (field.name, form))
    validity = buffers[0]
    if validity is None:
        return raw
    return [v if validity[i >> 3] >> (i & 7) & 1 else None for i, v in enumerate(raw, array.offset)]


def _numbers(data: Optional[memoryview], code: str, count: int) -> List[Any]:
    if data is None or count == 0:
        return []
    return list(struct.unpack_from("<%d%s" % (count, code), data))
