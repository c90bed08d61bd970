"""One call of one task: the policy that the bridge and the worker share."""

import sys
from typing import Any, List, Sequence

from . import _tensor, _types
from ._context import Context
from ._errors import ContractError, Failure, InputError
from ._task import MISSING, Port, Task
from ._types import Mismatch, OptionalOf


def plan(task: Task) -> Any:
    """What ``invoke`` needs for each input, made once per task (after its module has been loaded)."""
    steps = []
    for port in task.inputs:
        decode = port.type.decode
        if decode is None and task.wants_numpy:
            decode = _numpy_decoder(port.type)
        fallback = MISSING if isinstance(port.type, OptionalOf) else port.default
        steps.append((decode, fallback, port))
    return steps


def _numpy_decoder(kind: Any) -> Any:
    """Tensors arrive as numpy arrays in files that import numpy, also inside Optional and list."""
    if isinstance(kind, _types.TensorOf) and (kind.dtype is None or kind.dtype.typestr):
        return lambda raw: raw.numpy() if isinstance(raw, _tensor.Tensor) else raw
    if isinstance(kind, _types.OptionalOf):
        inner = _numpy_decoder(kind.item)
        return inner and (lambda raw: None if raw is None else inner(raw))
    if isinstance(kind, _types.ListOf):
        inner = _numpy_decoder(kind.item)
        return inner and (lambda raw: [inner(item) for item in raw])
    return None


def invoke(task: Task, raw: Sequence[Any], run: Any) -> List[Any]:
    """Calls the task with neutral inputs and returns neutral outputs in port order.

    Raises whatever the task raises, InputError or ContractError.
    """
    steps = task.__dict__.get("_plan")
    if steps is None:
        steps = task.__dict__["_plan"] = plan(task)
    if len(raw) != len(steps):
        raise InputError("%s takes %d inputs, got %d" % (task.id, len(steps), len(raw)))
    arguments: List[Any] = []
    keywords = {}
    for value, (decode, fallback, port) in zip(raw, steps):
        if value is None and fallback is not MISSING:
            value = fallback
        elif decode is not None:
            value = _decoded(decode, value, port)
        if port.keyword:
            keywords[port.name] = value
        else:
            arguments.append(value)
    if task.context is not None:
        arguments.insert(task.context_at, Context(run, task.wants_numpy, task.options["secrets"]))
    result = task.call(*arguments, **keywords)
    if not task.outputs:
        return []
    if task.single:
        return [_encoded(task, task.outputs[0], result, run)]
    return _many(task, result, run)


def _decoded(decode: Any, value: Any, port: Port) -> Any:
    try:
        return decode(value)
    except MemoryError:
        raise
    except Failure as error:
        error.port = error.port or port.name
        raise
    except Exception as error:
        raise InputError(
            "input `%s` cannot be given to the task: %s: %s" % (port.name, type(error).__name__, error), port.name,
        ) from error


def _many(task: Task, result: Any, run: Any) -> List[Any]:
    names = [port.name for port in task.outputs]
    try:
        fields = _types.fields_of(result, names)
    except Mismatch as error:
        raise ContractError("%s returns %s: %s" % (task.id, ", ".join("`%s`" % n for n in names), error.reason)) from None
    for port in task.outputs:
        if port.name not in fields and not isinstance(port.type, OptionalOf):
            raise ContractError("%s did not return its output `%s`" % (task.id, port.name), port.name)
    return [_encoded(task, port, fields.get(port.name), run) for port in task.outputs]


def _encoded(task: Task, port: Port, value: Any, run: Any) -> Any:
    try:
        return port.type.encode(value, run)
    except Mismatch as error:
        raise ContractError(
            "output `%s%s` of %s should be %s: %s" % (port.name, error.where, task.id, port.type.text, error.reason),
            port.name,
        ) from None


def flush() -> None:
    """What the task printed goes out before its end is reported."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # closed by the task, or nobody reads any more
            pass
