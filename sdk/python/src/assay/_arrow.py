"""Arrow's C data interface in pure Python: what Table, the worker and dict-of-lists outputs share.

``Contents`` is a table as plain objects; ``import_stream``/``export_stream`` turn it from and into the PyCapsules of
the Arrow PyCapsule protocol without copying a buffer.
"""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from . import _memory

NULLABLE = 2


class Field(NamedTuple):
    """``ArrowSchema``."""

    format: str
    name: str = ""
    metadata: bytes = b""
    flags: int = NULLABLE
    children: Tuple["Field", ...] = ()
    dictionary: Optional["Field"] = None


class Array(NamedTuple):
    """``ArrowArray``; each buffer is None or a byte view that keeps its memory alive."""

    length: int
    null_count: int
    offset: int
    buffers: Tuple[Optional[memoryview], ...]
    children: Tuple["Array", ...] = ()
    dictionary: Optional["Array"] = None


class Contents(NamedTuple):
    schema: Field
    batches: List[Array]


# ---- layouts --------------------------------------------------------------------------------------------------------

_WIDTHS = {
    "c": 1, "C": 1, "s": 2, "S": 2, "i": 4, "I": 4, "l": 8, "L": 8, "e": 2, "f": 4, "g": 8, "tdD": 4, "tdm": 8,
    "tts": 4, "ttm": 4, "ttu": 8, "ttn": 8, "tDs": 8, "tDm": 8, "tDu": 8, "tDn": 8, "tiM": 4, "tiD": 8, "tin": 16,
}
_VARIABLE = {"u": 4, "z": 4, "U": 8, "Z": 8}
_CHILD_LAYOUTS = {
    "+l": ("bits", 4), "+m": ("bits", 4), "+L": ("bits", 8), "+s": ("bits",), "+r": (),
    "+vl": ("bits", -4, -4), "+vL": ("bits", -8, -8),
}


def _width(form: str) -> int:
    if form in _WIDTHS:
        return _WIDTHS[form]
    if form.startswith("ts"):
        return 8
    if form.startswith("w:"):
        return int(form[2:])
    if form.startswith("d:"):
        parts = form[2:].split(",")
        return int(parts[2]) // 8 if len(parts) == 3 else 16
    raise ValueError("unknown Arrow format %r" % form)


def sizes(form: str, rows: int, read: Callable[[int, int, int], int], given: int) -> List[int]:
    """Bytes in each buffer of an array of ``rows`` slots (offset included).

    ``read(buffer, index, width)`` reads a signed integer of a buffer; ``given`` is the number of buffers.
    """
    bits = (rows + 7) // 8
    if form == "n":
        return []
    if form == "b":
        return [bits, bits]
    if form in _VARIABLE:
        width = _VARIABLE[form]
        return [bits, (rows + 1) * width if rows else 0, read(1, rows, width) if rows else 0]  # empty: no offsets
    if form in ("vu", "vz"):
        extra = given - 3
        if extra < 0:
            raise ValueError("a string view array has %d buffers" % given)
        return [bits, rows * 16] + [read(given - 1, i, 8) for i in range(extra)] + [extra * 8]
    if form.startswith("+ud:"):
        return [rows, rows * 4]
    if form.startswith("+us:"):
        return [rows]
    if form.startswith("+w:"):
        return [bits]
    if form in _CHILD_LAYOUTS:
        return [bits if kind == "bits" else -kind * rows if kind < 0 else (rows + 1) * kind * bool(rows)
                for kind in _CHILD_LAYOUTS[form]]
    return [bits, rows * _width(form)]


def validate(field: Field, array: Array) -> None:
    """Raises ValueError unless every buffer is as large as the layout demands."""
    if array.length < 0 or array.offset < 0 or len(field.children) != len(array.children):
        raise ValueError("malformed Arrow array of format %r" % field.format)
    buffers = array.buffers

    def read(buffer: int, index: int, width: int) -> int:
        data = buffers[buffer] if buffer < len(buffers) else None
        if data is None or data.nbytes < (index + 1) * width:
            raise ValueError("short Arrow buffer")
        return int.from_bytes(data[index * width:(index + 1) * width], "little", signed=True)

    index_format = field.format
    needed = sizes(index_format, array.length + array.offset, read, len(buffers))
    if len(needed) != len(buffers):
        raise ValueError("Arrow format %r has %d buffers, not %d" % (field.format, len(needed), len(buffers)))
    for need, data in zip(needed, buffers):
        if need < 0 or (data is not None and data.nbytes < need):
            raise ValueError("short Arrow buffer")
    if (field.dictionary is None) != (array.dictionary is None):
        raise ValueError("Arrow dictionary missing")
    for child_field, child in zip(field.children, array.children):
        validate(child_field, child)
    if field.dictionary is not None and array.dictionary is not None:
        validate(field.dictionary, array.dictionary)


# ---- structures -----------------------------------------------------------------------------------------------------


class _Structures:
    def __init__(self) -> None:
        import ctypes as c

        class Schema(c.Structure):
            pass

        Schema._fields_ = [
            ("format", c.c_char_p), ("name", c.c_char_p), ("metadata", c.c_void_p), ("flags", c.c_int64),
            ("n_children", c.c_int64), ("children", c.POINTER(c.POINTER(Schema))), ("dictionary", c.POINTER(Schema)),
            ("release", c.c_void_p), ("private_data", c.c_void_p),
        ]

        class ArrayStruct(c.Structure):
            pass

        ArrayStruct._fields_ = [
            ("length", c.c_int64), ("null_count", c.c_int64), ("offset", c.c_int64), ("n_buffers", c.c_int64),
            ("n_children", c.c_int64), ("buffers", c.POINTER(c.c_void_p)),
            ("children", c.POINTER(c.POINTER(ArrayStruct))), ("dictionary", c.POINTER(ArrayStruct)),
            ("release", c.c_void_p), ("private_data", c.c_void_p),
        ]

        class Stream(c.Structure):
            _fields_ = [
                ("get_schema", c.c_void_p), ("get_next", c.c_void_p), ("get_last_error", c.c_void_p),
                ("release", c.c_void_p), ("private_data", c.c_void_p),
            ]

        self.c, self.Schema, self.Array, self.Stream = c, Schema, ArrayStruct, Stream
        self.Fill = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p)
        self.Message = c.CFUNCTYPE(c.c_void_p, c.c_void_p)
        self.Release = c.CFUNCTYPE(None, c.c_void_p)
        # These live as long as the process: consumers keep pointers to them.
        self.release_schema = self.Release(_release_schema)
        self.release_array = self.Release(_release_array)
        self.release_stream = self.Release(_release_stream)
        self.get_schema = self.Fill(_stream_schema)
        self.get_next = self.Fill(_stream_next)
        self.get_last_error = self.Message(lambda stream: None)
        self.drop_stream = self.Release(_drop_stream_capsule)
        self.drop_schema = self.Release(_drop_schema_capsule)
        self.raw_capsule_pointer = c.PYFUNCTYPE(c.c_void_p, c.c_void_p, c.c_char_p)(
            ("PyCapsule_GetPointer", c.pythonapi))

    def pointer(self, function: Any) -> int:
        return int(self.c.cast(function, self.c.c_void_p).value or 0)


_structures: Optional[_Structures] = None


def _s() -> _Structures:
    global _structures
    if _structures is None:
        _structures = _Structures()
    return _structures


# ---- importing ------------------------------------------------------------------------------------------------------


class _Held:
    """An ArrowArray that was moved to us; released when the last view of its buffers goes."""

    def __init__(self) -> None:
        self.struct = _s().Array()

    def __del__(self) -> None:
        if self.struct.release and _structures is not None:
            s = _structures
            s.Release(self.struct.release)(s.c.addressof(self.struct))


def import_stream(capsule: Any) -> Contents:
    """Reads a whole stream; the buffers stay where they are. Raises ValueError when the stream fails."""
    s = _s()
    source = s.Stream.from_address(_memory.api().capsule_pointer(capsule, b"arrow_array_stream"))
    if not source.release:
        raise ValueError("this Arrow stream has been read already")
    stream = s.Stream.from_buffer_copy(source)
    source.release = None  # moved
    where = s.c.addressof(stream)
    try:
        schema = s.Schema()
        _checked(stream, s.Fill(stream.get_schema)(where, s.c.addressof(schema)))
        try:
            field = _field(schema, 0)
        finally:
            if schema.release:
                s.Release(schema.release)(s.c.addressof(schema))
        if field.format != "+s":
            raise ValueError("a table has columns, this Arrow stream has the type %r" % field.format)
        next_batch, batches = s.Fill(stream.get_next), []
        while True:
            held = _Held()
            _checked(stream, next_batch(where, s.c.addressof(held.struct)))
            if not held.struct.release:
                return Contents(field, batches)
            batches.append(_array(field, held.struct, held))
    finally:
        s.Release(stream.release)(where)


def _checked(stream: Any, code: int) -> None:
    if code:
        s = _s()
        text = s.Message(stream.get_last_error)(s.c.addressof(stream)) if stream.get_last_error else None
        reason = s.c.string_at(text).decode("utf-8", "replace") if text else "error %d" % code
        raise ValueError("the Arrow stream failed: " + reason)


def _field(schema: Any, depth: int) -> Field:
    if depth > 60:
        raise ValueError("Arrow type nested too deeply")
    return Field(
        (schema.format or b"").decode("utf-8"), (schema.name or b"").decode("utf-8"), _metadata(schema.metadata),
        schema.flags, tuple(_field(schema.children[i].contents, depth + 1) for i in range(schema.n_children)),
        _field(schema.dictionary.contents, depth + 1) if schema.dictionary else None,
    )


def _metadata(where: Optional[int]) -> bytes:
    """The encoded key-value block has no length of its own: walk it."""
    if not where:
        return b""
    string_at, size = _s().c.string_at, 4
    for _ in range(2 * int.from_bytes(string_at(where, 4), "little")):
        size += 4 + int.from_bytes(string_at(where + size, 4), "little")
    return bytes(string_at(where, size))


def _array(field: Field, struct: Any, owner: _Held) -> Array:
    s = _s()
    addresses = [struct.buffers[i] for i in range(struct.n_buffers)]

    def read(buffer: int, index: int, width: int) -> int:
        if buffer >= len(addresses) or not addresses[buffer]:
            return 0
        return int.from_bytes(s.c.string_at(addresses[buffer] + index * width, width), "little", signed=True)

    needed = sizes(field.format, struct.length + struct.offset, read, len(addresses))
    if len(needed) != len(addresses) or struct.n_children != len(field.children):
        raise ValueError("malformed Arrow array of format %r" % field.format)
    buffers = tuple(
        _memory.view(address, size, owner) if address else None for address, size in zip(addresses, needed))
    children = tuple(_array(f, struct.children[i].contents, owner) for i, f in enumerate(field.children))
    dictionary = None
    if field.dictionary is not None:
        if not struct.dictionary:
            raise ValueError("Arrow dictionary missing")
        dictionary = _array(field.dictionary, struct.dictionary.contents, owner)
    return Array(struct.length, struct.null_count, struct.offset, buffers, children, dictionary)


# ---- exporting ------------------------------------------------------------------------------------------------------

_alive: Dict[int, Any] = {}  # private_data -> what the exported structure points to
_next_key = [0]


def _keep(things: Any) -> int:
    _next_key[0] += 1
    _alive[_next_key[0]] = things
    return _next_key[0]


def _fill_schema(target: Any, field: Field) -> None:
    s = _s()
    children = [s.Schema() for _ in field.children]
    for child, child_field in zip(children, field.children):
        _fill_schema(child, child_field)
    pointers = (s.c.POINTER(s.Schema) * max(1, len(children)))(*[s.c.pointer(child) for child in children])
    dictionary = None
    if field.dictionary is not None:
        dictionary = s.Schema()
        _fill_schema(dictionary, field.dictionary)
        target.dictionary = s.c.pointer(dictionary)
    form, name = s.c.create_string_buffer(field.format.encode()), s.c.create_string_buffer(field.name.encode())
    metadata = s.c.create_string_buffer(field.metadata, len(field.metadata) + 1) if field.metadata else None
    target.format, target.name = s.c.cast(form, s.c.c_char_p), s.c.cast(name, s.c.c_char_p)
    target.metadata = s.c.addressof(metadata) if metadata else None
    target.flags, target.n_children, target.children = field.flags, len(children), pointers
    target.private_data = _keep((form, name, metadata, children, pointers, dictionary))
    target.release = s.pointer(s.release_schema)


def _fill_array(target: Any, array: Array) -> None:
    s = _s()
    children = [s.Array() for _ in array.children]
    for child, child_array in zip(children, array.children):
        _fill_array(child, child_array)
    pointers = (s.c.POINTER(s.Array) * max(1, len(children)))(*[s.c.pointer(child) for child in children])
    dictionary = None
    if array.dictionary is not None:
        dictionary = s.Array()
        _fill_array(dictionary, array.dictionary)
        target.dictionary = s.c.pointer(dictionary)
    buffers = (s.c.c_void_p * max(1, len(array.buffers)))(
        *[None if data is None else _memory.address(data) or None for data in array.buffers])
    target.length, target.null_count, target.offset = array.length, array.null_count, array.offset
    target.n_buffers, target.n_children = len(array.buffers), len(children)
    target.buffers, target.children = s.c.cast(buffers, s.c.POINTER(s.c.c_void_p)), pointers
    target.private_data = _keep((array.buffers, buffers, children, pointers, dictionary))
    target.release = s.pointer(s.release_array)


def _release(struct: Any) -> None:
    """Children that the consumer moved away have no release any more and live on."""
    s = _s()
    for i in range(struct.n_children):
        child = struct.children[i].contents
        if child.release:
            s.Release(child.release)(s.c.addressof(child))
    if struct.dictionary and struct.dictionary.contents.release:
        s.Release(struct.dictionary.contents.release)(s.c.addressof(struct.dictionary.contents))
    struct.release = None
    _alive.pop(struct.private_data, None)


def _release_schema(where: int) -> None:
    _release(_s().Schema.from_address(where))


def _release_array(where: int) -> None:
    _release(_s().Array.from_address(where))


def _release_stream(where: int) -> None:
    stream = _s().Stream.from_address(where)
    stream.release = None
    _alive.pop(stream.private_data, None)


def _stream_schema(stream: int, out: int) -> int:
    s = _s()
    contents, _ = _alive[s.Stream.from_address(stream).private_data]
    target = s.Schema.from_address(out)
    s.c.memset(out, 0, s.c.sizeof(s.Schema))
    _fill_schema(target, contents.schema)
    return 0


def _stream_next(stream: int, out: int) -> int:
    s = _s()
    contents, position = _alive[s.Stream.from_address(stream).private_data]
    s.c.memset(out, 0, s.c.sizeof(s.Array))
    if position[0] < len(contents.batches):
        _fill_array(s.Array.from_address(out), contents.batches[position[0]])
        position[0] += 1
    return 0


_capsules: Dict[int, Any] = {}  # address -> the structure inside a capsule


def _drop(capsule: int, name: bytes, kind: Any) -> None:
    s = _s()
    where = s.raw_capsule_pointer(capsule, name)
    struct = _capsules.pop(where, None)
    if struct is not None and struct.release:
        s.Release(struct.release)(where)


def _drop_stream_capsule(capsule: int) -> None:
    _drop(capsule, b"arrow_array_stream", None)


def _drop_schema_capsule(capsule: int) -> None:
    _drop(capsule, b"arrow_schema", None)


def export_stream(contents: Contents) -> Any:
    """An ``arrow_array_stream`` capsule over the same buffers."""
    s = _s()
    stream = s.Stream()
    stream.get_schema, stream.get_next = s.pointer(s.get_schema), s.pointer(s.get_next)
    stream.get_last_error, stream.release = s.pointer(s.get_last_error), s.pointer(s.release_stream)
    stream.private_data = _keep((contents, [0]))
    where = s.c.addressof(stream)
    _capsules[where] = stream
    return _memory.api().new_capsule(where, b"arrow_array_stream", s.pointer(s.drop_stream))


def export_schema(field: Field) -> Any:
    s = _s()
    schema = s.Schema()
    _fill_schema(schema, field)
    where = s.c.addressof(schema)
    _capsules[where] = schema
    return _memory.api().new_capsule(where, b"arrow_schema", s.pointer(s.drop_schema))
