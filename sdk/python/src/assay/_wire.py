"""The worker protocol's packets (docs/wire.md): decoding and encoding, without any socket."""

import fcntl
import mmap
import os
import struct
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import _arrow, _files, _table, _tensor

MAGIC, BODY_IN_FD = 0x31595341, 1
PACKET, INLINE = 65536, 65536  # largest packet; largest blob that is not put into a descriptor of its own
MAX_DESCRIPTORS = 250
HELLO, LOAD, RUN, BYE, READY, LOADED, REPORT = 1, 2, 3, 4, 101, 102, 103
LOG, METRIC, CHECKPOINT, DONE = 1, 2, 3, 4
DEPTH = 64
BATCH = 256

HEADER = struct.Struct("<IHHI")
_U32, _I64, _U64, _F64 = struct.Struct("<I"), struct.Struct("<q"), struct.Struct("<Q"), struct.Struct("<d")
_HEAD = struct.Struct("<QIIII")  # attempt_id, plugin, task, attempt, slot
_FIXED = struct.Struct("<QQQQqq")  # seed, unix_ns, timeout_ns
_SLICE = struct.Struct("<IQQ")
_TENSOR = struct.Struct("<BBHI")
_ARRAY = struct.Struct("<qqqI")
_INLINE = struct.Struct("<BQ")
_DONE = struct.Struct("<BQiQQQI")
_ERROR = struct.Struct("<iiq")

_ALLOW_SEALING, _CLOEXEC = 2, 1
_ADD_SEALS, _SEALS = 1033, 15  # F_ADD_SEALS; SEAL | SHRINK | GROW | WRITE


class ProtocolError(Exception):
    """The peer sent something that is not the protocol."""


class Invocation(NamedTuple):
    attempt_id: int
    plugin: int
    task: int
    attempt: int
    slot: int
    workflow: str
    node: str
    run_id: str
    temp_dir: str
    seed: Tuple[int, int, int, int]
    unix_ns: int
    timeout_ns: int
    config: Any
    inputs: List[Any]
    resume: Optional[bytes]
    secrets: Dict[str, str]


class Reader:
    """Reads one packet body. ``descriptors`` are borrowed: the caller closes them when the body is decoded."""

    def __init__(self, body: Any, descriptors: Sequence[int] = ()) -> None:
        self.body, self.at, self.end = body, 0, len(body)
        self.descriptors = descriptors
        self._maps: Dict[int, memoryview] = {}

    def unpack(self, layout: struct.Struct) -> Tuple[Any, ...]:
        at = self.at
        self.at = at + layout.size
        if self.at > self.end:
            raise ProtocolError("short body")
        return layout.unpack_from(self.body, at)

    def u8(self) -> int:
        at = self.at
        if at >= self.end:
            raise ProtocolError("short body")
        self.at = at + 1
        return int(self.body[at])

    def u32(self) -> int:
        return int(self.unpack(_U32)[0])

    def i64(self) -> int:
        return int(self.unpack(_I64)[0])

    def u64(self) -> int:
        return int(self.unpack(_U64)[0])

    def count(self) -> int:
        """A number of things that follow, each at least one byte."""
        number = self.u32()
        if number > self.end - self.at:
            raise ProtocolError("a count of %d is larger than its body" % number)
        return number

    def bytes(self, size: int) -> bytes:
        at = self.at
        if size > self.end - at:
            raise ProtocolError("short body")
        self.at = at + size
        return bytes(self.body[at:at + size])

    def string(self) -> str:
        return _text(self.bytes(self.u32()))

    def finish(self) -> None:
        if self.at != self.end:
            raise ProtocolError("%d bytes after the end of the body" % (self.end - self.at))

    def blob(self) -> memoryview:
        """Read-only bytes, aligned and independent of the packet."""
        where = self.u8()
        if where == 0:
            return memoryview(self.bytes(self.u64()))
        if where != 1:
            raise ProtocolError("unknown blob place %d" % where)
        number, offset, size = self.unpack(_SLICE)
        data = self._map(number)
        if offset > data.nbytes or size > data.nbytes - offset:
            raise ProtocolError("a blob lies outside its descriptor")
        return data[offset:offset + size]

    def _map(self, number: int) -> memoryview:
        if number not in self._maps:
            if number >= len(self.descriptors):
                raise ProtocolError("blob descriptor %d was not sent" % number)
            self._maps[number] = map_descriptor(self.descriptors[number])
        return self._maps[number]

    def value(self, depth: int = 0) -> Any:
        """A neutral object (see _types)."""
        kind = self.u8()
        if kind == 0:
            return None
        if kind == 1:
            flag = self.u8()
            if flag > 1:
                raise ProtocolError("a bool of %d" % flag)
            return flag == 1
        if kind == 2:
            return self.unpack(_I64)[0]
        if kind == 3:
            return self.unpack(_F64)[0]
        if kind == 4:
            return _text(self.blob())
        if kind == 5:
            return bytes(self.blob())
        if depth >= DEPTH:
            raise ProtocolError("values nested more than %d deep" % DEPTH)
        if kind == 6:
            return [self.value(depth + 1) for _ in range(self.count())]
        if kind == 7:
            record = {}
            for _ in range(self.count()):
                name = self.string()
                if name in record:
                    raise ProtocolError("a record has two fields `%s`" % name)
                record[name] = self.value(depth + 1)
            return record
        if kind == 8:
            return self._tensor()
        if kind == 9:
            return self._table()
        if kind in (10, 11):
            path, size, media_type, digest = self.string(), self.u64(), self.string(), self.string()
            return _files.make(path, size, media_type, digest, kind == 11)
        raise ProtocolError("unknown kind of value %d" % kind)

    def _tensor(self) -> Any:
        code, bits, lanes, ndim = self.unpack(_TENSOR)
        if lanes != 1 or ndim > 64:
            raise ProtocolError("a tensor of %d lanes and %d dimensions" % (lanes, ndim))
        shape = [self.i64() for _ in range(ndim)]
        try:
            return _tensor.from_bytes(code, bits, shape, self.blob())
        except ValueError as error:
            raise ProtocolError(str(error)) from None

    def _table(self) -> Any:
        schema = self._field(0)
        batches = [self._array(0) for _ in range(self.count())]
        try:
            for batch in batches:
                _arrow.validate(schema, batch)
        except ValueError as error:
            raise ProtocolError(str(error)) from None
        return _table.Table(_arrow.Contents(schema, batches))

    def _field(self, depth: int) -> _arrow.Field:
        if depth >= DEPTH:
            raise ProtocolError("an Arrow type nested more than %d deep" % DEPTH)
        form, name, metadata = self.string(), self.string(), self.bytes(self.u32())
        flags = self.i64()
        children = tuple(self._field(depth + 1) for _ in range(self.count()))
        return _arrow.Field(form, name, metadata, flags, children, self._field(depth + 1) if self.u8() else None)

    def _array(self, depth: int) -> _arrow.Array:
        if depth >= DEPTH:
            raise ProtocolError("an Arrow array nested more than %d deep" % DEPTH)
        length, nulls, offset, number = self.unpack(_ARRAY)
        if number > self.end - self.at:
            raise ProtocolError("short body")
        buffers = tuple(self.blob() if self.u8() else None for _ in range(number))
        children = tuple(self._array(depth + 1) for _ in range(self.count()))
        return _arrow.Array(length, nulls, offset, buffers, children, self._array(depth + 1) if self.u8() else None)

    def invocation(self) -> Invocation:
        attempt_id, plugin, task, attempt, slot = self.unpack(_HEAD)
        workflow, node, run_id, temp_dir = self.string(), self.string(), self.string(), self.string()
        s0, s1, s2, s3, unix_ns, timeout_ns = self.unpack(_FIXED)
        config = self.value()
        inputs = [self.value() for _ in range(self.count())]
        resume = bytes(self.blob()) if self.u8() else None
        secrets = {}
        for _ in range(self.count()):
            name = self.string()
            secrets[name] = self.string()
        if slot >= BATCH:
            raise ProtocolError("cancel slot %d" % slot)
        return Invocation(attempt_id, plugin, task, attempt, slot, workflow, node, run_id, temp_dir,
                          (s0, s1, s2, s3), unix_ns, timeout_ns, config, inputs, resume, secrets)

    def run(self) -> List[Invocation]:
        number = self.u32()
        if number > BATCH:
            raise ProtocolError("a batch of %d invocations" % number)
        batch = [self.invocation() for _ in range(number)]
        self.finish()
        return batch


def _text(data: Any) -> str:
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise ProtocolError("a string is not UTF-8") from None


def map_descriptor(descriptor: int) -> memoryview:
    """The whole file behind a descriptor, read-only. The mapping lives as long as any view of it."""
    try:
        size = os.fstat(descriptor).st_size
        if size == 0:
            return memoryview(b"")
        # Private and writable as a mapping (so that its address can be had), read-only as a view.
        return memoryview(mmap.mmap(descriptor, size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)).toreadonly()
    except (OSError, ValueError) as error:
        raise ProtocolError("a descriptor cannot be mapped: %s" % error) from None


# ---- writing --------------------------------------------------------------------------------------------------------


def memfd(size: int = 0) -> int:
    descriptor = os.memfd_create("assay", _CLOEXEC | _ALLOW_SEALING)
    if size:
        os.ftruncate(descriptor, size)
    return descriptor


def sealed(data: Any) -> int:
    """A new sealed memfd with these bytes."""
    descriptor = memfd()
    try:
        view = memoryview(data)
        at = 0
        while at < view.nbytes:
            at += os.write(descriptor, view[at:at + (1 << 30)])
        fcntl.fcntl(descriptor, _ADD_SEALS, _SEALS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


class Writer:
    """Builds one packet body. ``shared`` finds the descriptor behind memory that is shared already."""

    def __init__(self, shared: Any = None) -> None:
        self.body = bytearray()
        self.descriptors: List[int] = []  # owned
        self.shared = shared

    def close(self) -> None:
        while self.descriptors:
            os.close(self.descriptors.pop())

    def u8(self, number: int) -> None:
        self.body.append(number)

    def u32(self, number: int) -> None:
        self.body += _U32.pack(number)

    def i32(self, number: int) -> None:
        self.body += struct.pack("<i", number)

    def i64(self, number: int) -> None:
        self.body += _I64.pack(number)

    def string(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        self.body += _U32.pack(len(data))
        self.body += data

    def blob(self, data: Any) -> None:
        size = data.nbytes if isinstance(data, memoryview) else len(data)
        if size <= INLINE or len(self.descriptors) >= MAX_DESCRIPTORS - 1:
            self.body += _INLINE.pack(0, size)
            self.body += data
            return
        known = self.shared(data) if self.shared is not None else None
        descriptor, offset = known if known is not None else (sealed(data), 0)
        self.body.append(1)
        self.body += _SLICE.pack(len(self.descriptors), offset, size)
        self.descriptors.append(descriptor)

    def value(self, value: Any, depth: int = 0) -> None:
        """A neutral object. Raises ValueError for one that is nested too deeply."""
        kind = type(value)
        if value is None:
            self.body.append(0)
        elif kind is float:
            self.body.append(3)
            self.body += _F64.pack(value)
        elif kind is bool:
            self.body += b"\1\1" if value else b"\1\0"
        elif kind is int:
            self.body.append(2)
            self.body += _I64.pack(value)
        elif kind is str:
            self.body.append(4)
            self.blob(value.encode("utf-8"))
        elif kind is bytes:
            self.body.append(5)
            self.blob(value)
        elif depth >= DEPTH:
            raise ValueError("values nested more than %d deep" % DEPTH)
        elif kind is list:
            self.body.append(6)
            self.u32(len(value))
            for item in value:
                self.value(item, depth + 1)
        elif kind is dict:
            self.body.append(7)
            self.u32(len(value))
            for name, item in value.items():
                self.string(name)
                self.value(item, depth + 1)
        else:
            self._tagged(value)

    def _tagged(self, value: Any) -> None:
        kind = value[0]
        self.body.append(kind)
        if kind == 8:
            _, code, bits, shape, data = value
            self.body += _TENSOR.pack(code, bits, 1, len(shape))
            for extent in shape:
                self.i64(extent)
            self.blob(memoryview(data) if data.nbytes else b"")
        elif kind == 9:
            contents = _arrow.import_stream(value[1])
            self._field(contents.schema)
            self.u32(len(contents.batches))
            for batch in contents.batches:
                self._array(batch)
        else:
            self.string(value[1])
            self.body += _U64.pack(value[2])
            self.string(value[3])
            self.string("")

    def _field(self, field: _arrow.Field) -> None:
        self.string(field.format)
        self.string(field.name)
        self.u32(len(field.metadata))
        self.body += field.metadata
        self.i64(field.flags)
        self.u32(len(field.children))
        for child in field.children:
            self._field(child)
        self.u8(0 if field.dictionary is None else 1)
        if field.dictionary is not None:
            self._field(field.dictionary)

    def _array(self, array: _arrow.Array) -> None:
        self.body += _ARRAY.pack(array.length, array.null_count, array.offset, len(array.buffers))
        for data in array.buffers:
            self.u8(0 if data is None else 1)
            if data is not None:
                self.blob(data)
        self.u32(len(array.children))
        for child in array.children:
            self._array(child)
        self.u8(0 if array.dictionary is None else 1)
        if array.dictionary is not None:
            self._array(array.dictionary)

    # ---- items of a REPORT ----

    def log(self, attempt_id: int, level: int, unix_ns: int, text: str) -> None:
        self.body += struct.pack("<BQiq", LOG, attempt_id, level, unix_ns)
        self.string(text)

    def metric(self, attempt_id: int, name: str, value: float, unit: str, step: int, unix_ns: int) -> None:
        self.body += struct.pack("<BQ", METRIC, attempt_id)
        self.string(name)
        self.body += _F64.pack(value)
        self.string(unit)
        self.body += struct.pack("<qq", step, unix_ns)

    def checkpoint(self, attempt_id: int, data: bytes) -> None:
        self.body += struct.pack("<BQ", CHECKPOINT, attempt_id)
        self.blob(data)

    def done(self, attempt_id: int, usage: Tuple[int, int, int], outputs: Sequence[Any]) -> None:
        self.body += _DONE.pack(DONE, attempt_id, 0, usage[0], usage[1], usage[2], len(outputs))
        for value in outputs:
            self.value(value)
        self.body.append(0)

    def failed(self, attempt_id: int, usage: Tuple[int, int, int], error: Any) -> None:
        self.body += _DONE.pack(DONE, attempt_id, error.status, usage[0], usage[1], usage[2], 0)
        self.body.append(1)
        self.body += _ERROR.pack(error.retryable, error.domain_code, error.retry_after_ms)
        for text in (error.domain, error.message, error.detail, error.port):
            self.string(text)


def packet(kind: int, body: Any, descriptors: Sequence[int]) -> Tuple[bytes, List[int]]:
    """The bytes and descriptors of one message. When a body descriptor is made, it is the first and the caller's."""
    size = len(body)
    if HEADER.size + size <= PACKET:
        return HEADER.pack(MAGIC, kind, 0, size) + bytes(body), list(descriptors)
    if size > 0xFFFFFFFF:
        raise ValueError("a report of %d bytes is too large" % size)
    return HEADER.pack(MAGIC, kind, BODY_IN_FD, size), [sealed(body)] + list(descriptors)
