"""Dense arrays on ports: a view of shared memory that numpy and friends read without a copy."""

import sys
from typing import Any, Optional, Sequence, Tuple

from . import _dtypes, _memory
from ._dtypes import DType


class Tensor:
    """A dense C-contiguous array that a task received or made with ``Context.buffer``.

    ``numpy.asarray(x)`` and ``x.numpy()`` share its memory. Inputs are read-only.
    As an annotation: ``Tensor["f64", "n", 3]``: element type, then dimensions (a name, a number or ``"?"``).
    """

    __slots__ = ("dtype", "shape", "_data", "_address", "_readonly", "_owner", "__weakref__")

    def __init__(self, dtype: DType, shape: Sequence[int], data: Optional[memoryview], address: int = 0,
                 readonly: bool = True, owner: Any = None) -> None:
        self.dtype = dtype.name
        self.shape: Tuple[int, ...] = tuple(shape)
        self._data = data
        self._address = address
        self._readonly = data.readonly if data is not None else readonly
        self._owner = owner

    def __class_getitem__(cls, item: Any) -> Any:
        from ._annotations import tensor_annotation

        return tensor_annotation(item)

    @property
    def readonly(self) -> bool:
        return self._readonly

    @property
    def nbytes(self) -> int:
        return _dtypes.BY_NAME[self.dtype].itemsize * _dtypes.count(self.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def data(self) -> memoryview:
        """The raw bytes, shared."""
        if self._data is None:
            self._data = _memory.view(self._address, self.nbytes, self._owner, self._readonly)
        return self._data

    def memoryview(self) -> memoryview:
        """A memoryview with shape and element format (element types that memoryview knows), shared."""
        dtype = _dtypes.BY_NAME[self.dtype]
        if not dtype.format:
            raise BufferError("memoryview has no format for %s" % self.dtype)
        flat = self.data().cast(dtype.format) if dtype.format != "B" else self.data()
        if len(self.shape) == 1 or 0 in self.shape:
            return flat
        return self.data().cast(dtype.format, self.shape)

    def tolist(self) -> Any:
        """Nested Python lists (a copy)."""
        def split(flat: Any, shape: Tuple[int, ...]) -> Any:
            if not shape:
                return flat[0]
            if len(shape) == 1:
                return list(flat)
            step = _dtypes.count(shape[1:])
            return [split(flat[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]

        dtype = _dtypes.BY_NAME[self.dtype]
        if not dtype.format:
            raise BufferError("Python has no numbers of type %s" % self.dtype)
        flat = self.data()
        return split(flat.cast(dtype.format) if dtype.format != "B" else flat, self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor without dimensions has no length")
        return self.shape[0]

    def numpy(self) -> Any:
        """A numpy array that shares the memory."""
        import numpy

        dtype = _dtypes.BY_NAME[self.dtype]
        if not dtype.typestr:
            raise TypeError("numpy has no element type %s" % self.dtype)
        if 0 in self.shape:
            return numpy.empty(self.shape, dtype.typestr)
        return numpy.asarray(_Interface(self))

    @property
    def __array_interface__(self) -> Any:
        dtype = _dtypes.BY_NAME[self.dtype]
        if not dtype.typestr:
            raise AttributeError("numpy has no element type %s" % self.dtype)
        if not self._address and self.nbytes:
            self._address = _memory.address(self.data())
        return {"version": 3, "shape": self.shape, "typestr": dtype.typestr, "data": (self._address, self._readonly)}

    def __dlpack__(self, **options: Any) -> Any:
        """A DLPack capsule. Needs numpy, which also decides what a read-only array may be exported as."""
        try:
            array = self.numpy()
        except ImportError:
            raise BufferError("DLPack export needs numpy in the task's environment") from None
        return array.__dlpack__(**options)

    def __dlpack_device__(self) -> Tuple[int, int]:
        return (1, 0)  # the CPU

    def __buffer__(self, flags: int) -> memoryview:  # PEP 688, Python 3.12
        return self.memoryview()

    def __repr__(self) -> str:
        return "Tensor(%s, shape=%r)" % (self.dtype, self.shape)


class _Interface:
    """Shows numpy the array interface alone, so that all Python versions take the same way."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, tensor: Tensor) -> None:
        self.__array_interface__ = tensor.__array_interface__
        self.owner = tensor


def from_bytes(code: int, bits: int, shape: Sequence[int], data: memoryview) -> Tensor:
    """A tensor over ``data``; raises ValueError when type, shape and size do not agree."""
    dtype = _dtypes.BY_CODE.get((code, bits))
    if dtype is None:
        raise ValueError("unknown element type (DLPack code %d, %d bits)" % (code, bits))
    if any(extent < 0 for extent in shape):
        raise ValueError("negative dimension")
    if dtype.itemsize * _dtypes.count(shape) != data.nbytes:
        raise ValueError("a tensor of shape %s has %d bytes" % (tuple(shape), data.nbytes))
    return Tensor(dtype, shape, data)


def from_address(code: int, bits: int, shape: Sequence[int], address: int, readonly: bool, owner: Any) -> Tensor:
    """A tensor over foreign memory that ``owner`` keeps alive (the bridge's way)."""
    dtype = _dtypes.BY_CODE.get((code, bits))
    if dtype is None:
        raise ValueError("unknown element type (DLPack code %d, %d bits)" % (code, bits))
    return Tensor(dtype, shape, None, address, readonly, owner)


def contents(value: Any) -> Tuple[DType, Tuple[int, ...], Any]:
    """Element type, shape and C-contiguous bytes of anything array-like. Raises TypeError with the reason."""
    if isinstance(value, Tensor):
        return _dtypes.BY_NAME[value.dtype], value.shape, value.data()
    if isinstance(value, (str, list, tuple, dict, set)) or value is None:
        raise TypeError("got %s" % type(value).__name__)
    view = _view(value)
    dtype = _dtypes.of_format(view.format)
    if dtype is None:
        raise TypeError("got an array of element format %r" % view.format)
    shape = tuple(view.shape or ())
    if not view.c_contiguous:
        return dtype, shape, memoryview(view.tobytes())  # C order
    return dtype, shape, view if 0 in shape else view.cast("B") if view.format[-2:] not in ("Zf", "Zd") else view


def _view(value: Any) -> memoryview:
    try:
        return memoryview(value)
    except TypeError:
        pass
    except (ValueError, BufferError) as error:  # numpy raises these for datetime64 and the like
        raise TypeError("got %s: %s" % (type(value).__name__, error)) from None
    if hasattr(value, "detach") and hasattr(value, "numpy"):  # a torch tensor that still wants gradients
        value = value.detach()
    if not (hasattr(value, "__dlpack__") or hasattr(value, "__array_interface__") or hasattr(value, "__array__")):
        raise TypeError("got %s" % type(value).__name__)
    numpy = sys.modules.get("numpy")
    if numpy is None:
        try:
            import numpy
        except ImportError:
            raise TypeError("got %s, which needs numpy to be read" % type(value).__name__) from None
    try:
        array = numpy.from_dlpack(value) if hasattr(value, "__dlpack__") else numpy.asarray(value)
        return memoryview(array)
    except Exception as error:
        raise TypeError("got %s: %s" % (type(value).__name__, error)) from None
