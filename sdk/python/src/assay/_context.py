"""What a running task can ask and say."""

import os
import pathlib
import random
import time
from typing import Any, Optional, Sequence, Tuple, Union

from . import _dtypes, _files, _tensor
from ._errors import Cancelled, Failure

_LEVELS = {"debug": 0, "info": 1, "warning": 2, "error": 3}


class Context:
    """The run context: a parameter with this annotation (or named ``ctx``) receives it.

    Valid until the task returns; all methods may be called from any thread of the task.
    """

    def __init__(self, run: Any, wants_numpy: bool = False, secrets: Sequence[str] = ()) -> None:
        self._run = run
        self._wants_numpy = wants_numpy
        self._secrets = secrets

    @property
    def attempt(self) -> int:
        """Counts from 1."""
        return int(self._run.attempt)

    @property
    def workflow(self) -> str:
        return str(self._run.workflow)

    @property
    def node(self) -> str:
        return str(self._run.node)

    @property
    def run_id(self) -> str:
        return str(self._run.run_id)

    @property
    def temp_dir(self) -> pathlib.Path:
        """A private directory, removed after the attempt."""
        return pathlib.Path(self._run.temp_dir)

    @property
    def time(self) -> float:
        """Seconds since 1970 as the engine recorded them: the same when the attempt is replayed."""
        return float(self._run.unix_ns / 1e9)

    @property
    def remaining(self) -> Optional[float]:
        """Seconds until the attempt times out, or None."""
        deadline = self._run.deadline_ns
        return None if not deadline else max(0.0, (deadline - time.monotonic_ns()) / 1e9)

    # ---- randomness ----

    @property
    def seed(self) -> int:
        """A number in 0 ..< 2**32, the same for the same inputs: fits numpy and scikit-learn."""
        return int(self._run.seed[0] & 0xFFFFFFFF)

    @property
    def seed_words(self) -> Tuple[int, int, int, int]:
        """All 256 bits of the seed."""
        a, b, c, d = self._run.seed
        return (a, b, c, d)

    def random(self) -> random.Random:
        """A new generator with the whole seed."""
        a, b, c, d = self._run.seed
        return random.Random(a | b << 64 | c << 128 | d << 192)

    # ---- saying ----

    def log(self, text: Any, level: str = "info") -> None:
        """``level`` is "debug", "info", "warning" or "error"."""
        if level not in _LEVELS:
            raise ValueError("level is debug, info, warning or error, not %r" % (level,))
        self._run.log(_LEVELS[level], str(text))

    def progress(self, done: float, total: float = 0, text: str = "") -> None:
        """``total`` 0: unknown."""
        self._run.progress(float(done), float(total), str(text))

    def metric(self, name: str, value: float, unit: str = "", step: int = -1) -> None:
        """One point of a curve; ``step`` -1: no step."""
        self._run.metric(str(name), float(value), str(unit), int(step))

    # ---- cancellation ----

    @property
    def cancelled(self) -> bool:
        """The engine asks the task to stop soon. Costs well under a microsecond."""
        return bool(self._run.cancelled())

    def check_cancelled(self) -> None:
        """Raises Cancelled when the engine asks the task to stop."""
        if self._run.cancelled():
            raise Cancelled()

    # ---- checkpoints ----

    def checkpoint(self, data: Union[bytes, bytearray, memoryview]) -> None:
        """Keeps ``data`` for a later attempt, which finds it in ``resume``. The last one counts."""
        self._run.checkpoint(bytes(data))

    @property
    def resume(self) -> Optional[bytes]:
        """The last checkpoint of an earlier attempt, or None."""
        data = self._run.resume
        return None if data is None else bytes(data)

    # ---- memory, files, secrets ----

    def buffer(self, shape: Union[int, Sequence[int]], dtype: Any = "f64") -> Any:
        """A zeroed array in shared memory: returned as an output it leaves the process without a copy.

        A numpy array if the task's file imports numpy, else a writable Tensor.
        """
        kind = _dtypes.named(dtype)
        if kind is None:
            raise ValueError("unknown element type %r" % (dtype,))
        extents = (shape,) if isinstance(shape, int) else tuple(shape)
        if any(not isinstance(extent, int) or extent < 0 for extent in extents):
            raise ValueError("a shape is whole numbers from 0, not %r" % (shape,))
        size = kind.itemsize * _dtypes.count(extents)
        data = self._run.buffer(size) if size else memoryview(bytearray())
        tensor = _tensor.Tensor(kind, extents, data)
        return tensor.numpy() if self._wants_numpy and kind.typestr else tensor

    def artifact(self, name: str, directory: bool = False) -> pathlib.Path:
        """A new path in ``temp_dir`` to write an output file or directory to; return it as the output."""
        path = _files.fresh(self._run.temp_dir, name)
        if directory:
            os.mkdir(path)
        return pathlib.Path(path)

    def secret(self, name: str) -> str:
        """A secret that the task declared in ``secrets``. Raises Failure when it was not given."""
        if name not in self._secrets:
            raise Failure("the task does not declare the secret `%s` (@task(secrets=[...]))" % name, code="secret")
        value = self._run.secret(name)
        if value is None:
            raise Failure("the secret `%s` was not given" % name, code="secret")
        return str(value)
