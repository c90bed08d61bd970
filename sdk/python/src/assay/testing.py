"""Running tasks in plain unit tests, without an engine.

    from assay.testing import run

    def test_add(self):
        self.assertEqual(run(add, a=1, b=2.5), {"value": 3.5})

Inputs take the same way as in the engine: they are checked against the declared types, tensors arrive as read-only
views, and outputs are checked and handed back as the next task would receive them.
"""

import os
import shutil
import tempfile
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import _arrow, _files, _invoke, _table, _tensor, _types
from ._errors import InputError
from ._task import MISSING, Task
from ._types import Mismatch


class Recorder:
    """The host's side of a Context: keeps what the task said."""

    def __init__(self, temp_dir: str, seed: int = 0, attempt: int = 1, secrets: Optional[Dict[str, str]] = None,
                 resume: Optional[bytes] = None) -> None:
        self.temp_dir, self.attempt, self.resume = temp_dir, attempt, resume
        self.workflow, self.node, self.run_id = "test", "test", "test"
        self.seed = (seed, 0, 0, 0)
        self.unix_ns, self.deadline_ns = time.time_ns(), 0
        self.secrets = secrets or {}
        self.is_cancelled = False
        self.logs: List[Tuple[int, str]] = []
        self.metrics: List[Tuple[str, float, str, int]] = []
        self.progresses: List[Tuple[float, float, str]] = []
        self.checkpoints: List[bytes] = []

    def cancelled(self) -> bool:
        return self.is_cancelled

    def log(self, level: int, text: str) -> None:
        self.logs.append((level, text))

    def metric(self, name: str, value: float, unit: str, step: int) -> None:
        self.metrics.append((name, value, unit, step))

    def progress(self, done: float, total: float, text: str) -> None:
        self.progresses.append((done, total, text))

    def checkpoint(self, data: bytes) -> None:
        self.checkpoints.append(data)

    def secret(self, name: str) -> Optional[str]:
        return self.secrets.get(name)

    def buffer(self, size: int) -> memoryview:
        return memoryview(bytearray(size))


def run(function: Callable[..., Any], *, recorder: Optional[Recorder] = None, **inputs: Any) -> Dict[str, Any]:
    """Runs a ``@task`` function and returns its outputs by name.

    Give a ``Recorder`` to look at logs, metrics and checkpoints, or to set seed, secrets and temp_dir. Raises what the
    task raises, InputError for inputs that do not fit their types, ContractError for outputs that do not.
    """
    task: Task = getattr(function, "__assay_task__", None)  # type: ignore[assignment]
    if task is None:
        raise TypeError("%r is not a task: decorate it with @assay.task" % (function,))
    made = None
    if recorder is None:
        made = tempfile.mkdtemp(prefix="assay-test-")
        recorder = Recorder(made)
    try:
        raw = [_input(task, port, inputs, recorder) for port in task.inputs]
        unknown = set(inputs) - {port.name for port in task.inputs}
        if unknown:
            raise InputError("%s has no input `%s`" % (task.id, sorted(unknown)[0]))
        outputs = _invoke.invoke(task, raw, recorder)
        return {port.name: _output(port.type, value) for port, value in zip(task.outputs, outputs)}
    finally:
        # Outputs that are files stay until the process ends.
        if made is not None and not os.listdir(made):
            shutil.rmtree(made, ignore_errors=True)


def _input(task: Task, port: Any, inputs: Dict[str, Any], recorder: Recorder) -> Any:
    if port.name not in inputs:
        if port.default is MISSING and not isinstance(port.type, _types.OptionalOf):
            raise InputError("%s needs the input `%s`" % (task.id, port.name), port.name)
        value = None if port.default is MISSING else port.default
        if value is None:
            return None
    else:
        value = inputs[port.name]
    try:
        if isinstance(port.type, _types.FileOf):  # inputs stay where they are
            path = os.path.abspath(os.fspath(value))
            return _files.make(path, _files.measure(path, port.type.is_dir), "", "", port.type.is_dir)
        return _arrived(port.type.encode(value, recorder))
    except Mismatch as error:
        raise InputError("input `%s%s` of %s should be %s: %s" % (
            port.name, error.where, task.id, port.type.text, error.reason), port.name) from None


def _arrived(neutral: Any) -> Any:
    """A neutral output as the neutral input that the engine makes of it."""
    if isinstance(neutral, tuple):
        if neutral[0] == _types.TENSOR:
            _, code, bits, shape, data = neutral
            view = memoryview(data)
            view = view.cast("B") if view.nbytes and view.format != "B" else view if view.nbytes else memoryview(b"")
            return _tensor.from_bytes(code, bits, shape, view.toreadonly())
        if neutral[0] == _types.TABLE:
            return _table.Table(_arrow.import_stream(neutral[1]))
        return _files.make(neutral[1], neutral[2], neutral[3], "", neutral[0] == _types.DIRECTORY)
    if isinstance(neutral, list):
        return [_arrived(item) for item in neutral]
    if isinstance(neutral, dict):
        return {name: _arrived(item) for name, item in neutral.items()}
    return neutral


def _output(kind: _types.Type, neutral: Any) -> Any:
    value = _arrived(neutral)
    return value if kind.decode is None else kind.decode(value)
