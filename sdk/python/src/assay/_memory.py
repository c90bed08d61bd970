"""Addresses and foreign memory through ctypes, imported only when a task really needs it."""

from typing import Any

_api: Any = None


class _Api:
    """The few functions of CPython and libc that shared memory and capsules need."""

    def __init__(self) -> None:
        import ctypes

        self.ctypes = ctypes
        python = ctypes.pythonapi

        class Buffer(ctypes.Structure):  # Py_buffer
            _fields_ = [
                ("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("len", ctypes.c_ssize_t),
                ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
                ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
                ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p),
            ]

        self.Buffer = Buffer
        self.get_buffer = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(Buffer), ctypes.c_int)(
            ("PyObject_GetBuffer", python))
        self.release_buffer = ctypes.PYFUNCTYPE(None, ctypes.POINTER(Buffer))(("PyBuffer_Release", python))
        self.new_capsule = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
            ("PyCapsule_New", python))
        self.capsule_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
            ("PyCapsule_GetPointer", python))


def api() -> Any:
    global _api
    if _api is None:
        _api = _Api()
    return _api


def address(data: Any) -> int:
    """The address of a contiguous buffer's first byte. Valid while the exporter of ``data`` lives."""
    a = api()
    buffer = a.Buffer()
    a.get_buffer(data, buffer, 0)  # PyBUF_SIMPLE; raises BufferError
    try:
        return buffer.buf or 0
    finally:
        a.release_buffer(buffer)


def view(where: int, size: int, owner: Any, readonly: bool = True) -> memoryview:
    """Bytes at an address. ``owner`` is kept alive by the result and everything made from it."""
    if size == 0:
        return memoryview(b"" if readonly else bytearray())
    block = (api().ctypes.c_ubyte * size).from_address(where)
    block._owner = owner
    result = memoryview(block).cast("B")
    return result.toreadonly() if readonly else result
