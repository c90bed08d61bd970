"""The Python side of the C bridge (Sources/assay-python): what it imports, calls and hands services to."""

import functools
import os
import sys
from typing import Any, Dict, List, Optional, Tuple

from . import _files, _interrupt, _invoke, _load, _memory, _table, _task, _tensor
from ._errors import Cancelled, record

_process = os.getpid()
services: Dict[str, Any] = {}  # set by the bridge: functions that take the handle of a run first

make_tensor = _tensor.from_address
make_file = _files.make


def make_copied(code: int, bits: int, shape: Tuple[int, ...], data: bytes) -> Any:
    return _tensor.from_bytes(code, bits, shape, memoryview(data))


def make_table(handle: int, value: int) -> Any:
    return _table.Table(stream=functools.partial(services["stream"], handle, value))


class Run:
    """The host's side of a Context."""

    __slots__ = ("handle", "_facts")

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self._facts: Any = None

    def _fact(self, index: int) -> Any:
        if self._facts is None:
            self._facts = services["facts"](self.handle)
        return self._facts[index]

    attempt = property(lambda self: self._fact(0))
    workflow = property(lambda self: self._fact(1))
    node = property(lambda self: self._fact(2))
    run_id = property(lambda self: self._fact(3))
    temp_dir = property(lambda self: self._fact(4))
    seed = property(lambda self: self._fact(5))
    unix_ns = property(lambda self: self._fact(6))
    deadline_ns = property(lambda self: self._fact(7))
    resume = property(lambda self: self._fact(8))

    def cancelled(self) -> bool:
        return bool(services["cancelled"](self.handle))

    def log(self, level: int, text: str) -> None:
        services["log"](self.handle, level, _bytes(text))

    def progress(self, done: float, total: float, text: str) -> None:
        services["progress"](self.handle, done, total, _bytes(text))

    def metric(self, name: str, value: float, unit: str, step: int) -> None:
        services["metric"](self.handle, _bytes(name), value, _bytes(unit), step)

    def checkpoint(self, data: bytes) -> None:
        services["checkpoint"](self.handle, data)

    def secret(self, name: str) -> Optional[str]:
        found = services["secret"](self.handle, _bytes(name))
        return None if found is None else str(found)

    def buffer(self, size: int) -> memoryview:
        made = services["buffer"](self.handle, size)
        if made is None:
            raise MemoryError("the engine has no buffer of %d bytes" % size)
        return _memory.view(made[0], size, made[1], readonly=False)


def _bytes(text: str) -> bytes:
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace")


def load(source: str) -> Tuple[Any, ...]:
    """What the bridge needs for its descriptors, or a tuple of one: why the file cannot be loaded."""
    if not hasattr(sys, "argv"):
        sys.argv = [""]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")
    _interrupt.install()
    try:
        plugin = _load.load(source)
        document = plugin.describe()
        return (document["id"], document["version"], document["license"], document["doc"], _load.document(plugin),
                tuple(map(_descriptor, plugin.tasks)))
    except _load.LoadError as error:
        return (str(error).replace("\0", "\\0"),)
    finally:
        _invoke.flush()


def _descriptor(task: _task.Task) -> Tuple[Any, ...]:
    o = task.describe()
    flags = sum(1 << bit for bit, name in enumerate(_task.FLAGS) if name in o["flags"])
    return (flags, o["id"], o["version"], o["title"], o["doc"], o["phase"], _ports(o["inputs"]), _ports(o["outputs"]),
            tuple(o["secrets"]), float(o["cpu"]), o["memory_bytes"], o["disk_bytes"], o["device"], o["typical_ms"], task)


def _ports(ports: List[Dict[str, Any]]) -> Tuple[Any, ...]:
    return tuple((p["name"], p["type"], p["doc"], p["unit"], p.get("default_json")) for p in ports)


def run(task: _task.Task, inputs: Tuple[Any, ...], handle: int) -> Any:
    """A list of neutral outputs, or an ErrorRecord. Never raises."""
    try:
        try:
            _interrupt.begin(handle)
            if services["cancelled"](handle):  # after begin(): an interruption that came too early is seen here
                raise Cancelled("cancelled before it started")
            outputs = _invoke.invoke(task, inputs, Run(handle))
            _interrupt.end()
            return outputs
        except BaseException as error:
            _interrupt.end()
            return record(error)
        finally:
            if os.getpid() != _process:
                os._exit(70)  # a child that the task forked must not answer in its parent's place
            _invoke.flush()
    except BaseException as error:  # the interruption came while another error was being handled
        return record(error)


def interrupt(handle: int) -> None:
    _interrupt.interrupt(handle)
