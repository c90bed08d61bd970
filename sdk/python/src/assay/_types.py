"""The type grammar of ports, and how Python objects cross it.

Both routes (the C bridge and the process worker) move the same *neutral* objects: None, bool, int, float, str, bytes,
list, dict, and tagged tuples for what has memory behind it:
``(TENSOR, dlpack_code, bits, shape, data)``, ``(TABLE, capsule)``, ``(FILE | DIRECTORY, path, size, media_type)``.
On the way in, tensors, tables and files arrive as Tensor, Table and File objects already.
"""

import json
import math
import pickle
from decimal import Decimal
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import _files, _table, _tensor
from ._dtypes import DType
from ._errors import InputError

TENSOR, TABLE, FILE, DIRECTORY = 8, 9, 10, 11  # kinds of the ABI and the wire


class Mismatch(Exception):
    """A value does not fit a type; ``where`` is the path inside the value."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(reason)
        self.reason, self.where = reason, where


def got(value: Any) -> Mismatch:
    text = repr(value) if isinstance(value, (bool, int, float, str)) else ""
    return Mismatch("got %s%s" % (type(value).__name__, " " + text if text and len(text) <= 40 else ""))


class Type:
    """One type. ``decode`` (wire to Python) is None where nothing has to be done."""

    text = ""
    decode: Optional[Callable[[Any], Any]] = None

    def encode(self, value: Any, run: Any) -> Any:
        """Neutral form of ``value``; raises Mismatch."""
        raise NotImplementedError

    def default(self, value: Any) -> Any:
        """``value`` as JSON data for ``default_json``; raises Mismatch."""
        raise Mismatch("a %s has no default value" % self.text)


class Bool(Type):
    text = "bool"

    def encode(self, value: Any, run: Any) -> Any:
        if value is True or value is False:
            return value
        if type(value).__module__ == "numpy" and type(value).__name__ in ("bool_", "bool"):
            return bool(value)
        raise got(value)

    def default(self, value: Any) -> Any:
        return self.encode(value, None)


def _number(x: Any) -> str:
    return str(x) if isinstance(x, int) else format(Decimal(repr(float(x))).normalize(), "f")


class _Ranged(Type):
    name = ""

    def __init__(self, low: Any = None, high: Any = None) -> None:
        self.low, self.high = low, high
        ends = "" if low is None and high is None else "(%s..%s)" % (
            "" if low is None else _number(low), "" if high is None else _number(high))
        self.text = self.name + ends

    def inside(self, value: Any) -> Any:
        if (self.low is not None and not value >= self.low) or (self.high is not None and not value <= self.high):
            raise Mismatch("%r is not in %s" % (value, self.text[len(self.name):]))
        return value


class Int(_Ranged):
    name = "int"

    def encode(self, value: Any, run: Any) -> Any:
        if type(value) is not int:
            if isinstance(value, bool) or not hasattr(value, "__index__") or getattr(value, "shape", ()) != ():
                raise got(value)
            value = value.__index__()
        if not -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
            raise Mismatch("%d does not fit 64 bits" % value if abs(value) < 1 << 200 else "it does not fit 64 bits")
        return self.inside(value)

    def default(self, value: Any) -> Any:
        return self.encode(value, None)


class Float(_Ranged):
    name = "float"

    @staticmethod
    def decode(raw: Any) -> Any:
        return float(raw) if type(raw) is int else raw

    def encode(self, value: Any, run: Any) -> Any:
        if type(value) is not float:
            if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__") and not hasattr(
                    value, "__index__") or getattr(value, "shape", ()) != ():
                raise got(value)
            try:
                value = float(value)
            except (TypeError, ValueError, OverflowError) as error:
                raise Mismatch(str(error)) from None
        return self.inside(value)

    def default(self, value: Any) -> Any:
        value = self.encode(value, None)
        if not math.isfinite(value):
            raise Mismatch("%r cannot be written as JSON" % value)
        return value


class String(Type):
    text = "string"

    def encode(self, value: Any, run: Any) -> Any:
        if not isinstance(value, str):
            raise got(value)
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise Mismatch("the text has lone surrogates and is not UTF-8") from None
        return str(value)

    def default(self, value: Any) -> Any:
        return self.encode(value, None)


class Enum(String):
    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self.text = "enum(%s)" % ", ".join(json.dumps(word, ensure_ascii=False) for word in words)

    def encode(self, value: Any, run: Any) -> Any:
        if value not in self.words:
            raise Mismatch("%r is not one of %s" % (value, ", ".join(self.words)))
        return str(value)


class Bytes(Type):
    text = "bytes"

    def encode(self, value: Any, run: Any) -> Any:
        if isinstance(value, bytes):
            return value
        if isinstance(value, (bytearray, memoryview)):
            return bytes(value)
        raise got(value)

    @staticmethod
    def decode(raw: Any) -> Any:
        return bytes(raw) if isinstance(raw, memoryview) else raw


class Opaque(Type):
    """A Python object under a dotted name, pickled."""

    def __init__(self, name: str) -> None:
        self.text = name

    def decode(self, raw: Any) -> Any:
        try:
            return pickle.loads(raw)
        except Exception as error:
            raise InputError("this %s cannot be unpickled: %s: %s" % (self.text, type(error).__name__, error)) from error

    def encode(self, value: Any, run: Any) -> Any:
        try:
            return pickle.dumps(value, protocol=5)
        except Exception as error:
            raise Mismatch("it cannot be pickled: %s: %s" % (type(error).__name__, error)) from error


class ListOf(Type):
    def __init__(self, item: Type) -> None:
        self.item = item
        self.text = "list<%s>" % item.text
        if item.decode is not None:
            self.decode = self._decode

    def _decode(self, raw: Any) -> Any:
        decode = self.item.decode
        return [decode(item) for item in raw]

    def encode(self, value: Any, run: Any) -> Any:
        if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
            raise got(value)
        result: List[Any] = []
        encode = self.item.encode
        try:
            for item in value:
                result.append(encode(item, run))
        except Mismatch as error:
            raise Mismatch(error.reason, "[%d]%s" % (len(result), error.where)) from None
        return result

    def default(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise got(value)
        return [self.item.default(item) for item in value]


class OptionalOf(Type):
    def __init__(self, item: Type) -> None:
        self.item = item
        self.text = item.text + "?"
        if item.decode is not None:
            self.decode = self._decode

    def _decode(self, raw: Any) -> Any:
        return None if raw is None else self.item.decode(raw)

    def encode(self, value: Any, run: Any) -> Any:
        return None if value is None else self.item.encode(value, run)

    def default(self, value: Any) -> Any:
        return None if value is None else self.item.default(value)


class Member(NamedTuple):
    name: str
    type: Type


class Record(Type):
    """Named fields: a dict, or an instance of ``make`` (a dataclass or NamedTuple)."""

    def __init__(self, members: Sequence[Member], make: Optional[Callable[..., Any]] = None) -> None:
        self.members, self.make = tuple(members), make
        self.text = "{%s}" % ", ".join("%s: %s" % (m.name, m.type.text) for m in members)
        if make is not None or any(m.type.decode is not None for m in members):
            self.decode = self._decode

    def _decode(self, raw: Any) -> Any:
        fields = {}
        for name, kind in self.members:
            value = raw.get(name)
            fields[name] = value if kind.decode is None else kind.decode(value)
        return fields if self.make is None else self.make(**fields)

    def encode(self, value: Any, run: Any) -> Any:
        fields = fields_of(value, [m.name for m in self.members])
        result: Dict[str, Any] = {}
        for name, kind in self.members:
            if name not in fields and not isinstance(kind, OptionalOf):
                raise Mismatch("it is missing", "." + name)
            try:
                result[name] = kind.encode(fields.get(name), run)
            except Mismatch as error:
                raise Mismatch(error.reason, "." + name + error.where) from None
        return result

    def default(self, value: Any) -> Any:
        fields = fields_of(value, [m.name for m in self.members])
        return {name: kind.default(fields.get(name)) for name, kind in self.members}


def fields_of(value: Any, names: Sequence[str]) -> Dict[str, Any]:
    """The named parts of a dict, dataclass instance, NamedTuple or (in order) tuple; raises Mismatch."""
    if isinstance(value, dict):
        extra = [str(key) for key in value if key not in names]
        if extra:
            raise Mismatch("it has %s, which is not declared" % ", ".join("`%s`" % key for key in extra))
        return value
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        if len(value) != len(names):
            raise Mismatch("got %d values for %s" % (len(value), ", ".join("`%s`" % name for name in names)))
        return dict(zip(names, value))
    if hasattr(value, "__dataclass_fields__") or hasattr(value, "_fields"):
        return {name: getattr(value, name) for name in names if hasattr(value, name)}
    raise got(value)


class TensorOf(Type):
    """``form`` is what the task wants: "view", or "numpy"."""

    def __init__(self, dtype: Optional[DType], shape: Optional[Tuple[Any, ...]], form: str = "view") -> None:
        self.dtype, self.shape, self.form = dtype, shape, form
        dims = "" if shape is None else "[%s]" % ", ".join(str(extent) for extent in shape)
        self.text = "tensor" + ("<%s>" % dtype.name if dtype else "") + dims
        if form == "numpy":
            self.decode = self.numpy

    @staticmethod
    def numpy(raw: Any) -> Any:
        return raw.numpy()

    def encode(self, value: Any, run: Any) -> Any:
        try:
            dtype, shape, data = _tensor.contents(value)
        except TypeError as error:
            raise Mismatch(str(error)) from None
        if self.dtype is not None and dtype.name != self.dtype.name:
            raise Mismatch("got elements of type %s" % dtype.name)
        if self.shape is not None:
            self._check(shape)
        return (TENSOR, dtype.code, dtype.bits, shape, data)

    def _check(self, shape: Tuple[int, ...]) -> None:
        declared = self.shape or ()
        names: Dict[str, int] = {}
        fits = len(shape) == len(declared)
        for extent, wanted in zip(shape, declared):
            if isinstance(wanted, int):
                fits = fits and extent == wanted
            elif wanted != "?":
                fits = fits and names.setdefault(wanted, extent) == extent
        if not fits:
            raise Mismatch("got the shape %s" % (list(shape),))


class TableOf(Type):
    """``form`` is what the task wants: "view", "arrow", "pandas" or "polars"."""

    def __init__(self, columns: Optional[Sequence[Member]] = None, form: str = "view") -> None:
        self.columns, self.form = columns, form
        body = "" if columns is None else "{%s}" % ", ".join("%s: %s" % (c.name, c.type.text) for c in columns)
        self.text = "table" + body
        self.kinds = {c.name: c.type.text.rstrip("?") for c in columns or ()}
        if form != "view":
            self.decode = getattr(self, form)

    @staticmethod
    def arrow(raw: Any) -> Any:
        return raw.arrow()

    @staticmethod
    def pandas(raw: Any) -> Any:
        return raw.pandas()

    @staticmethod
    def polars(raw: Any) -> Any:
        import polars

        return polars.DataFrame(raw)

    def encode(self, value: Any, run: Any) -> Any:
        if isinstance(value, dict) and self.columns is not None:
            fields_of(value, [c.name for c in self.columns])
            missing = [c.name for c in self.columns if c.name not in value]
            if missing:
                raise Mismatch("column `%s` is missing" % missing[0])
        try:
            return (TABLE, _table.capsule(value, self.kinds))
        except TypeError as error:
            raise Mismatch(str(error)) from None


class FileOf(Type):
    def __init__(self, word: str = "") -> None:
        self.word = word
        self.text = "file<%s>" % word if word else "file"

    is_dir = False

    def encode(self, value: Any, run: Any) -> Any:
        if not isinstance(value, str) and not hasattr(value, "__fspath__"):
            raise got(value)
        try:
            path, size = _files.own(value, self.is_dir, run.temp_dir if run is not None else "")
        except TypeError as error:
            raise Mismatch(str(error)) from None
        except (OSError, ValueError) as error:
            raise Mismatch("%s: %s" % (value, error)) from None
        media = value.media_type if isinstance(value, _files.File) else self.word if "/" in self.word else ""
        return (DIRECTORY if self.is_dir else FILE, path, size, media)


class Directory(FileOf):
    is_dir = True

    def __init__(self) -> None:
        super().__init__()
        self.text = "dir"
