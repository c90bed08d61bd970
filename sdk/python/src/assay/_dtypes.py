"""Element types of tensors: the names of the type grammar, DLPack codes, and formats of the buffer protocol."""

from typing import Any, Dict, NamedTuple, Optional, Sequence


class DType(NamedTuple):
    name: str
    code: int  # DLDataTypeCode
    bits: int
    format: str  # of struct and memoryview; "" when memoryview has none
    typestr: str  # of __array_interface__; "" when numpy has none

    @property
    def itemsize(self) -> int:
        return self.bits // 8


ALL = [
    DType("bool", 6, 8, "?", "|b1"),
    DType("i8", 0, 8, "b", "|i1"),
    DType("i16", 0, 16, "h", "<i2"),
    DType("i32", 0, 32, "i", "<i4"),
    DType("i64", 0, 64, "q", "<i8"),
    DType("u8", 1, 8, "B", "|u1"),
    DType("u16", 1, 16, "H", "<u2"),
    DType("u32", 1, 32, "I", "<u4"),
    DType("u64", 1, 64, "Q", "<u8"),
    DType("f16", 2, 16, "e", "<f2"),
    DType("bf16", 4, 16, "", ""),
    DType("f32", 2, 32, "f", "<f4"),
    DType("f64", 2, 64, "d", "<f8"),
    DType("c64", 5, 64, "", "<c8"),
    DType("c128", 5, 128, "", "<c16"),
]
BY_NAME: Dict[str, DType] = {d.name: d for d in ALL}
BY_CODE = {(d.code, d.bits): d for d in ALL}
BY_TYPESTR = {d.typestr: d for d in ALL if d.typestr}
_ALIASES = {
    "float": "f64", "float64": "f64", "double": "f64", "float32": "f32", "float16": "f16", "bfloat16": "bf16",
    "int": "i64", "int64": "i64", "int32": "i32", "int16": "i16", "int8": "i8", "uint64": "u64", "uint32": "u32",
    "uint16": "u16", "uint8": "u8", "complex": "c128", "complex128": "c128", "complex64": "c64", "bool_": "bool",
}
# Native sizes of the buffer protocol's characters on LP64 systems; with "<" or "=" `l` has four bytes.
_FORMATS = {
    "?": "bool", "b": "i8", "B": "u8", "h": "i16", "H": "u16", "i": "i32", "I": "u32", "q": "i64", "Q": "u64",
    "n": "i64", "N": "u64", "e": "f16", "f": "f32", "d": "f64", "Zf": "c64", "Zd": "c128",
}


def named(what: Any) -> Optional[DType]:
    """The element type called ``what``: a grammar name, a numpy name, a Python or numpy type, a numpy dtype."""
    name = what if isinstance(what, str) else getattr(what, "name", None) or getattr(what, "__name__", None)
    if not isinstance(name, str):
        return None
    return BY_NAME.get(_ALIASES.get(name, name))


def of_format(text: str) -> Optional[DType]:
    """The element type of a buffer format; None when it is not one of ours (big-endian, structured, …)."""
    order, body = ("@", text) if not text or text[0] not in "@=<>!" else (text[0], text[1:])
    if order in ">!" and body not in ("?", "b", "B"):
        return None
    if body in ("l", "L"):
        wide = order == "@"
        body = {"l": "q" if wide else "i", "L": "Q" if wide else "I"}[body]
    name = _FORMATS.get(body)
    return BY_NAME[name] if name else None


def count(shape: Sequence[int]) -> int:
    total = 1
    for extent in shape:
        total *= extent
    return total
