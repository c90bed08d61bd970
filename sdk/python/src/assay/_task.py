"""The ``@task`` decorator: from a function to a declared task."""

import inspect
import json
import re
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, TypeVar, Union, overload

from . import _annotations, _types
from ._annotations import Unsupported
from ._context import Context
from ._errors import DeclarationError
from ._types import Mismatch, OptionalOf, Type

F = TypeVar("F", bound=Callable[..., Any])
MISSING: Any = object()

FLAGS = ("pure", "deterministic", "idempotent", "network", "reads_files", "spawns", "resumable")  # bit order of the ABI
_UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "tb": 1000**4,
          "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?\Z")
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")


class Port(NamedTuple):
    name: str
    type: Type
    doc: str = ""
    unit: str = ""
    default: Any = MISSING
    default_json: Optional[str] = None
    keyword: bool = False

    def describe(self, is_input: bool) -> Dict[str, Any]:
        port: Dict[str, Any] = {"name": self.name, "type": self.type.text, "doc": self.doc, "unit": self.unit}
        if is_input and self.default_json is not None:
            port["default_json"] = self.default_json
        port["optional"] = False
        return port


class Task:
    """A declared task; ``function.__assay_task__`` of a decorated function."""

    def __init__(self, function: Callable[..., Any], options: Dict[str, Any]) -> None:
        self.function = function
        self.options = options
        self.errors: List[str] = []
        self.inputs: List[Port] = []
        self.outputs: List[Port] = []
        self.context: Optional[str] = None  # name of the parameter that receives the Context
        self.context_at = 0
        self.single = False  # the function returns its one output itself
        self._wants_numpy: Optional[bool] = None
        doc = inspect.getdoc(function) or ""
        head, _, rest = doc.partition("\n")
        self.title = options["title"] or head.strip().rstrip(".")
        self.doc = options["doc"] if options["doc"] is not None else rest.strip()
        module = function.__module__.replace("assay_file_", "").replace("__main__", "main")
        self.id = options["id"] or "%s.%s" % (module, function.__name__)
        self._check_options()
        self._read_parameters()
        self._read_outputs()

    # ---- declaration ----

    def _complain(self, text: str) -> None:
        self.errors.append("task `%s`: %s" % (self.function.__name__, text))

    def _check_options(self) -> None:
        if not _ID.match(self.id):
            self._complain("`%s` is no task id: lower-case words joined by dots (give @task(id=...))" % self.id)
        if not _VERSION.match(self.options["version"]):
            self._complain("`%s` is no semantic version such as 1.0.0" % self.options["version"])
        if self.options["deterministic"] and not self.options["pure"]:
            self._complain("deterministic=True promises more than pure=True: give both")
        for name in ("memory", "disk"):
            try:
                self.options[name] = byte_count(self.options[name])
            except ValueError as error:
                self._complain("%s: %s" % (name, error))
        cpu = self.options["cpu"]
        if isinstance(cpu, bool) or not isinstance(cpu, (int, float)) or not 0 <= cpu < 1e6:
            self._complain("cpu is a number of cores, not %r" % (cpu,))
        if inspect.iscoroutinefunction(self.function) or inspect.isasyncgenfunction(
                self.function) or inspect.isgeneratorfunction(self.function):
            self._complain("a task is a plain function that returns its outputs, not a coroutine or generator")

    def _read_parameters(self) -> None:
        scope = self.function.__globals__
        for at, parameter in enumerate(inspect.signature(self.function).parameters.values()):
            try:
                if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                    raise Unsupported("a task has named parameters only")
                if self._is_context(parameter, scope):
                    self.context, self.context_at = parameter.name, len(self.inputs)
                    if parameter.kind == parameter.KEYWORD_ONLY:
                        raise Unsupported("the context is not keyword-only")
                    continue
                self.inputs.append(self._input(parameter, scope))
            except Unsupported as error:
                self._complain("parameter `%s`: %s" % (parameter.name, error))

    def _is_context(self, parameter: Any, scope: Dict[str, Any]) -> bool:
        if parameter.annotation is parameter.empty:
            return parameter.name in ("ctx", "context")
        return _annotations.evaluate(parameter.annotation, scope) is Context

    def _input(self, parameter: Any, scope: Dict[str, Any]) -> Port:
        if parameter.annotation is parameter.empty:
            raise Unsupported("it needs an annotation, such as `%s: float`" % parameter.name)
        annotation = _annotations.evaluate(parameter.annotation, scope)
        kind = _annotations.resolve(annotation, scope)
        doc, unit = _annotations.notes_of(annotation)
        default, text = MISSING, None
        if parameter.default is not parameter.empty:
            default = parameter.default
            if default is None and not isinstance(kind, OptionalOf):
                kind = OptionalOf(kind)
            try:
                text = json.dumps(kind.default(default), ensure_ascii=False, allow_nan=False)
            except Mismatch as error:
                raise Unsupported("the default %r is not %s: %s" % (default, kind.text, error.reason)) from None
        name = _annotations.port_name(parameter.name)
        return Port(name, kind, doc, unit, default, text, parameter.kind == parameter.KEYWORD_ONLY)

    def _read_outputs(self) -> None:
        scope = self.function.__globals__
        try:
            given = self.function.__annotations__.get("return")
            annotation = _annotations.evaluate(given, scope)
            ports = None if self.options["output"] else _named_outputs(annotation)
            if ports is None and annotation is not None and annotation is not type(None):
                self.single = True
                ports = [(self.options["output"] or "value", annotation, scope)]
        except Unsupported as error:
            self._complain("the return annotation: %s" % error)
            return
        for name, each, where in ports or ():
            try:
                each = _annotations.evaluate(each, where)
                doc, unit = _annotations.notes_of(each)
                kind = _annotations.resolve(each, where)
                self.outputs.append(Port(_annotations.port_name(name), kind, doc, unit))
            except Unsupported as error:
                self._complain("output `%s`: %s" % (name, error))

    # ---- use ----

    def call(self, *arguments: Any, **given: Any) -> Any:
        return self.function(*arguments, **given)

    @property
    def wants_numpy(self) -> bool:
        """Whether the task's file imports numpy at its top level: then tensors arrive as numpy arrays."""
        if self._wants_numpy is None:
            numpy = sys.modules.get("numpy")
            self._wants_numpy = numpy is not None and any(
                value is numpy for value in list(self.function.__globals__.values()))
        return self._wants_numpy

    def describe(self) -> Dict[str, Any]:
        """This task in the describe document (docs/wire.md)."""
        o = self.options
        return {
            "id": self.id, "version": o["version"], "title": self.title, "doc": self.doc, "phase": o["phase"],
            "flags": [flag for flag in FLAGS if o[flag]], "threads": "process",
            "inputs": [port.describe(True) for port in self.inputs],
            "outputs": [port.describe(False) for port in self.outputs],
            "secrets": list(o["secrets"]), "cpu": o["cpu"], "memory_bytes": o["memory"], "disk_bytes": o["disk"],
            "device": o["device"], "typical_ms": o["typical_ms"],
        }


def _named_outputs(annotation: Any) -> Any:
    """(name, annotation, scope) of each output if the annotation names them, else None."""
    if isinstance(annotation, _annotations.Outputs):
        annotation = annotation.ports
    if isinstance(annotation, dict):
        return [(name, each, {}) for name, each in annotation.items()]
    return _annotations.annotations_of(annotation)


def byte_count(size: Union[int, str]) -> int:
    """Bytes of ``"2GiB"``, ``"512 MB"`` or a number. Raises ValueError."""
    if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 1 << 63:
        return size
    match = re.match(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)\s*\Z", size, re.I) if isinstance(size, str) else None
    if match is None or match.group(2).lower() not in _UNITS:
        raise ValueError('a size is a number of bytes or text such as "2GiB", not %r' % (size,))
    return int(float(match.group(1)) * _UNITS[match.group(2).lower()])


registry: List[Task] = []  # in order of declaration
collecting = False  # set while the engine loads a file: then mistakes are gathered instead of raised


@overload
def task(function: F) -> F: ...
@overload
def task(
    *, id: Optional[str] = ..., version: str = ..., title: str = ..., doc: Optional[str] = ..., phase: str = ...,
    pure: bool = ..., deterministic: bool = ..., idempotent: bool = ..., network: bool = ..., reads_files: bool = ...,
    spawns: bool = ..., resumable: bool = ..., cpu: float = ..., memory: Union[int, str] = ...,
    disk: Union[int, str] = ..., device: str = ..., typical_ms: int = ..., secrets: Sequence[str] = ...,
    output: Optional[str] = ...,
) -> Callable[[F], F]: ...
def task(
    function: Any = None, *, id: Optional[str] = None, version: str = "1.0.0", title: str = "",
    doc: Optional[str] = None, phase: str = "", pure: bool = False, deterministic: bool = False,
    idempotent: bool = False, network: bool = False, reads_files: bool = False, spawns: bool = False,
    resumable: bool = False, cpu: float = 0, memory: Union[int, str] = 0, disk: Union[int, str] = 0, device: str = "",
    typical_ms: int = 0, secrets: Sequence[str] = (), output: Optional[str] = None,
) -> Any:
    """Declares a function to be a task; the function itself stays what it is.

    pure           outputs depend on the inputs and the seed only, so a result may be reused
    deterministic  … and are the same bytes each time
    idempotent     running twice does no harm, so a crash may be retried
    network, reads_files, spawns, resumable   what else it does
    cpu, memory, disk, device, typical_ms     what it needs: cores, "2GiB", …
    secrets        names that ``Context.secret`` may ask for
    output         name of the only output ("value" if not given)

    Raises DeclarationError for parameters or outputs that the engine cannot understand.
    """
    options = dict(locals())
    del options["function"]

    def declare(target: Any) -> Any:
        declared = Task(target, dict(options))
        registry.append(declared)
        if declared.errors and not collecting:
            raise DeclarationError("\n".join(declared.errors))
        target.__assay_task__ = declared
        return target

    return declare if function is None else declare(function)
