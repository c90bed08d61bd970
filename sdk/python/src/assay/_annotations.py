"""From Python annotations to types."""

import collections.abc
import dataclasses
import re
import sys
import typing
from typing import Any, Dict, List, Optional, Tuple, Union

from . import _dtypes, _files, _table, _tensor, _types
from ._types import Member, Type

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
DOTTED = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")


class Unsupported(Exception):
    """An annotation has no type on a port; the message says why."""


class Marker:
    """What ``Tensor["f64", "n"]`` and its like evaluate to: an annotation that carries its type.

    Callable and hashable, because ``typing`` demands that of everything inside ``Optional`` and ``List``.
    """

    __slots__ = ("type",)

    def __init__(self, kind: Type) -> None:
        self.type = kind

    def __call__(self, *_: Any) -> Any:
        raise TypeError("%s is an annotation" % self.type.text)

    def __or__(self, other: Any) -> Any:
        return Union[self, other]

    __ror__ = __or__

    def __repr__(self) -> str:
        return self.type.text


@dataclasses.dataclass(frozen=True)
class Range:
    """Closed bounds of a number: ``Annotated[float, Range(0, 1)]``; None leaves an end open."""

    low: Optional[float] = None
    high: Optional[float] = None


@dataclasses.dataclass(frozen=True)
class Unit:
    """The unit of a port: ``Annotated[float, Unit("ms")]``."""

    name: str


@dataclasses.dataclass(frozen=True)
class Doc:
    """One line about a port. A plain string in ``Annotated`` says the same."""

    text: str


class Outputs:
    """Named outputs of a task: ``-> Outputs(y=Tensor["f64"], n=int)`` or ``-> Outputs[{"y": int}]``."""

    def __init__(self, **ports: Any) -> None:
        self.ports = ports

    def __class_getitem__(cls, ports: Dict[str, Any]) -> "Outputs":
        if not isinstance(ports, dict):
            raise TypeError("Outputs[...] takes a dict of name to type")
        return cls(**ports)


class Opaque:
    """A Python object under a dotted name that plugins agree on: ``Opaque["sklearn.model"]`` (pickled)."""

    def __class_getitem__(cls, name: str) -> Any:
        if not isinstance(name, str) or not DOTTED.match(name):
            raise TypeError('Opaque[...] takes a dotted lower-case name such as "sklearn.model", not %r' % (name,))
        return Marker(_types.Opaque(name))


# ---- markers of the view classes ------------------------------------------------------------------------------------


def tensor_annotation(item: Any) -> Marker:
    parts = item if isinstance(item, tuple) else (item,)
    dtype = _dtypes.named(parts[0])
    if dtype is None:
        raise TypeError("Tensor[...] starts with an element type such as \"f64\", not %r" % (parts[0],))
    dims = parts[1:]
    if len(dims) == 1 and isinstance(dims[0], (tuple, list)):
        dims = tuple(dims[0])
    elif not dims:
        return Marker(_types.TensorOf(dtype, None))
    return Marker(_types.TensorOf(dtype, tuple(map(_dimension, dims))))


def _dimension(what: Any) -> Any:
    if what in ("?", None) or what is Ellipsis:
        return "?"
    if isinstance(what, int) and not isinstance(what, bool) and what >= 0:
        return what
    if isinstance(what, str) and NAME.match(what):
        return what
    raise TypeError('a tensor dimension is a number, a lower-case name or "?", not %r' % (what,))


_COLUMN_WORDS = {
    "int": "int", "i64": "int", "int64": "int", "float": "float", "f64": "float", "float64": "float",
    "str": "string", "string": "string", "bool": "bool", "bytes": "bytes",
}


def table_annotation(item: Any) -> Marker:
    columns: List[Member] = []
    if isinstance(item, dict):
        for name, annotation in item.items():
            columns.append(Member(name, resolve(annotation)))
    elif isinstance(item, str):
        for part in filter(None, (p.strip() for p in item.split(","))):
            name, colon, word = (p.strip() for p in part.partition(":"))
            optional = word.endswith("?")
            kind = _COLUMN_WORDS.get(word.rstrip("?").strip())
            if not colon or kind is None or not name:
                raise TypeError("Table[...]: a column is `name: int|float|string|bool|bytes[?]`, not %r" % part)
            scalar = _SCALARS[{"string": str, "int": int, "float": float, "bool": bool, "bytes": bytes}[kind]]
            columns.append(Member(name, _types.OptionalOf(scalar) if optional else scalar))
    else:
        raise TypeError('Table[...] takes columns as "a: int, b: string?" or a dict, not %r' % (item,))
    names = [c.name for c in columns]
    for name in names:
        if not re.match(r"[A-Za-z_][A-Za-z0-9_]*\Z", name) or names.count(name) > 1:
            raise TypeError("Table[...]: the column name %r is %s" % (
                name, "there twice" if names.count(name) > 1 else "not an identifier"))
    return Marker(_types.TableOf(columns))


def file_annotation(item: Any) -> Marker:
    if not isinstance(item, str) or not re.match(r"[a-z0-9][a-z0-9.+_-]*(/[a-z0-9][a-z0-9.+_-]*)?\Z", item):
        raise TypeError('File[...] takes a format such as "csv" or a media type, not %r' % (item,))
    return Marker(_types.FileOf(item))


# ---- resolving ------------------------------------------------------------------------------------------------------

_SCALARS: Dict[Any, Type] = {
    bool: _types.Bool(), int: _types.Int(), float: _types.Float(), str: _types.String(), bytes: _types.Bytes(),
}
_BARE: Dict[Any, Type] = {
    **_SCALARS,
    _tensor.Tensor: _types.TensorOf(None, None),
    _table.Table: _types.TableOf(),
    _files.File: _types.FileOf(),
    _files.Dir: _types.Directory(),
}
_LIBRARY_CLASSES = {
    ("numpy", "ndarray"): lambda: _types.TensorOf(None, None, "numpy"),
    ("pyarrow", "Table"): lambda: _types.TableOf(None, "arrow"),
    ("pandas", "DataFrame"): lambda: _types.TableOf(None, "pandas"),
    ("polars", "DataFrame"): lambda: _types.TableOf(None, "polars"),
}
_SEQUENCES = (list, collections.abc.Sequence, collections.abc.Iterable)


def evaluate(annotation: Any, scope: Dict[str, Any]) -> Any:
    """The object behind an annotation that is text (``from __future__ import annotations``)."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, scope)
    except Exception as error:
        raise Unsupported("the annotation `%s` cannot be evaluated: %s" % (annotation, error)) from None


def resolve(annotation: Any, scope: Optional[Dict[str, Any]] = None, depth: int = 0) -> Type:
    """The type of an annotation; raises Unsupported with the reason."""
    if depth > 32:
        raise Unsupported("the type is nested too deeply or refers to itself")
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    annotation = evaluate(annotation, scope if scope is not None else {})
    if isinstance(annotation, Marker):
        return annotation.type
    try:
        if annotation in _BARE:
            return _BARE[annotation]
    except TypeError:  # not hashable
        raise Unsupported("%r is not a type" % (annotation,)) from None
    if hasattr(annotation, "__metadata__"):
        return _annotated(annotation, scope, depth)
    origin = getattr(annotation, "__origin__", None)
    arguments = getattr(annotation, "__args__", None) or ()
    if origin is Union or type(annotation).__name__ == "UnionType":
        return _union(arguments, scope, depth)
    if origin is getattr(typing, "Literal", object()):
        if all(isinstance(word, str) for word in arguments):
            return _types.Enum(arguments)
        raise Unsupported("Literal of strings only")
    if origin in _SEQUENCES or (origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis):
        if not arguments or isinstance(arguments[0], typing.TypeVar):
            raise Unsupported("say what is in the list: list[float]")
        return _types.ListOf(resolve(arguments[0], scope, depth + 1))
    if isinstance(annotation, type) or origin is not None:
        library = _library(annotation, origin, arguments)
        if library is not None:
            return library
    if isinstance(annotation, type):
        members = members_of(annotation, depth)
        if members is not None:
            is_dict = issubclass(annotation, dict)
            return _types.Record(members, None if is_dict else annotation)
    raise Unsupported(_reason(annotation, origin))


def _reason(annotation: Any, origin: Any) -> str:
    shown = getattr(annotation, "__name__", None) if isinstance(annotation, type) and origin is None else None
    shown = shown or str(annotation).replace("typing.", "")
    hints = {
        "list": "say what is in it: list[float]", "List": "say what is in it: List[float]",
        "dict": "use a TypedDict or dataclass", "object": "use Opaque[\"your.name\"]",
        "Any": "every port has a type; use Opaque[\"your.name\"] for any Python object",
        "Path": "use File, File[\"csv\"] or Dir", "complex": "use a Tensor[\"c128\", ()]",
    }
    word = getattr(origin, "__name__", shown) if origin is not None else shown
    hint = hints.get(word)
    return "`%s` is not a type that a port can have%s" % (shown, "; " + hint if hint else "")


def _annotated(annotation: Any, scope: Any, depth: int) -> Type:
    kind = resolve(annotation.__origin__, scope, depth + 1)
    for note in annotation.__metadata__:
        if isinstance(note, (range, Range)):
            low, high = (note.start, note.stop) if isinstance(note, range) else (note.low, note.high)
            inner = kind.item if isinstance(kind, _types.OptionalOf) else kind
            if type(inner) not in (_types.Int, _types.Float):
                raise Unsupported("a range goes with int or float, not with %s" % kind.text)
            if isinstance(inner, _types.Int) and any(isinstance(x, float) for x in (low, high)):
                raise Unsupported("the range of an int has whole ends")
            if low is not None and high is not None and not low <= high:
                raise Unsupported("the range %s..%s is empty" % (low, high))
            ranged = type(inner)(low, high)
            kind = _types.OptionalOf(ranged) if isinstance(kind, _types.OptionalOf) else ranged
    return kind


def notes_of(annotation: Any) -> Tuple[str, str]:
    """Doc and unit that ``Annotated`` carries."""
    doc = unit = ""
    for note in getattr(annotation, "__metadata__", ()):
        if isinstance(note, (str, Doc)):
            doc = note if isinstance(note, str) else note.text
        elif isinstance(note, Unit):
            unit = note.name
    return doc, unit


def _union(arguments: Any, scope: Any, depth: int) -> Type:
    rest = [a for a in arguments if a is not type(None)]
    if len(rest) == 1 and len(arguments) == 2:
        inner = resolve(rest[0], scope, depth + 1)
        return inner if isinstance(inner, _types.OptionalOf) else _types.OptionalOf(inner)
    raise Unsupported("a port has one type; of unions only Optional[...] is known")


def _library(annotation: Any, origin: Any, arguments: Any) -> Optional[Type]:
    """Classes of numpy, pandas, pyarrow and polars, known by name so that nothing is imported."""
    target = origin if isinstance(origin, type) else annotation
    make = _LIBRARY_CLASSES.get((getattr(target, "__module__", "").split(".")[0], getattr(target, "__name__", "")))
    if make is None:
        return None
    kind = make()
    if isinstance(kind, _types.TensorOf) and len(arguments) == 2:  # numpy.typing.NDArray[numpy.float64]
        inner = getattr(arguments[1], "__args__", None) or (None,)
        dtype = _dtypes.named(inner[0])
        if dtype is None and not isinstance(inner[0], typing.TypeVar):
            raise Unsupported("numpy element type %s is not one of the grammar's" % (inner[0],))
        return _types.TensorOf(dtype, None, "numpy")
    return kind


def members_of(cls: Any, depth: int = 0) -> Optional[List[Member]]:
    """Fields of a TypedDict, NamedTuple or dataclass; None for any other class."""
    annotations = annotations_of(cls)
    return None if annotations is None else [
        Member(port_name(name), resolve(annotation, scope, depth + 1)) for name, annotation, scope in annotations]


def annotations_of(cls: Any) -> Optional[List[Tuple[str, Any, Dict[str, Any]]]]:
    if not isinstance(cls, type):
        return None
    scope = dict(vars(sys.modules.get(cls.__module__, typing)))
    if dataclasses.is_dataclass(cls):
        return [(field.name, field.type, scope) for field in dataclasses.fields(cls)]
    is_record = (issubclass(cls, tuple) and hasattr(cls, "_fields")) or (
        issubclass(cls, dict) and hasattr(cls, "__total__"))
    if not is_record:
        return None
    hints = getattr(cls, "__annotations__", {})
    return [(name, annotation, scope) for name, annotation in hints.items()]


def port_name(name: Any) -> str:
    if not isinstance(name, str) or not NAME.match(name):
        raise Unsupported("`%s` is no port name: lower-case letters, digits and _" % (name,))
    return name
