"""Loading a file of tasks, and its describe document."""

import importlib.util
import json
import os
import sys
from typing import Any, Dict, List, Tuple

from . import _task
from ._errors import DeclarationError, load_message


class LoadError(Exception):
    """The file could not be loaded; the text is for a person."""


class Plugin:
    """The tasks of one Python file."""

    def __init__(self, path: str, module: Any, tasks: List[_task.Task]) -> None:
        self.path, self.module, self.tasks = path, module, tasks

    def describe(self) -> Dict[str, Any]:
        return {
            "schema": "assay.plugin/1", "id": self.module.__name__.replace("assay_file_", ""),
            "version": str(getattr(self.module, "__version__", "1.0.0")),
            "license": str(getattr(self.module, "__license__", "")),
            "doc": (self.module.__doc__ or "").strip(), "generation": 1, "revision": 1,
            "tasks": [task.describe() for task in self.tasks],
            "libraries": self.libraries(),
        }

    def libraries(self) -> List[str]:
        """The file itself, then other modules loaded from files under its directory: what the code consists of."""
        root = os.path.dirname(self.path) + os.sep
        found = set()
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if not isinstance(path, str):
                continue
            path = os.path.realpath(path)
            parts = path[len(root):].split(os.sep)
            if path.startswith(root) and "site-packages" not in parts and "dist-packages" not in parts:
                found.add(path)
        found.discard(self.path)
        return [self.path] + sorted(found - _sdk_files())


def _sdk_files() -> Any:
    here = os.path.dirname(os.path.realpath(__file__))
    return {os.path.join(here, name) for name in os.listdir(here)}


def document(plugin: Plugin) -> str:
    return json.dumps(plugin.describe(), ensure_ascii=False, separators=(",", ":"))


def load(source: str) -> Plugin:
    """Runs the file and gathers its tasks. Raises LoadError with everything that is wrong."""
    path = os.path.realpath(source)
    if not os.path.isfile(path):
        raise LoadError("%s: no such file" % source)
    directory = os.path.dirname(path)
    if directory not in sys.path:
        sys.path.insert(0, directory)
    first = len(_task.registry)
    _task.collecting = True
    try:
        module = _module(path)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # SystemExit too: a script that exits when imported
        raise LoadError(load_message(error, path)) from error
    finally:
        _task.collecting = False
    tasks = [t for t in _task.registry[first:] if t.function.__globals__ is module.__dict__]
    problems = [error for task in tasks for error in task.errors]
    seen: Dict[str, str] = {}
    for task in tasks:
        if task.id in seen:
            problems.append("task `%s`: the id %s is taken by `%s`" % (task.function.__name__, task.id, seen[task.id]))
        seen[task.id] = task.function.__name__
    if problems:
        raise LoadError("\n".join("%s: %s" % (path, problem) for problem in problems))
    if not tasks:
        raise LoadError("%s: no function with @assay.task in it" % path)
    return Plugin(path, module, tasks)


def _module(path: str) -> Any:
    """Imports the file under its own name when that is free, so that pickles can find its classes again."""
    stem = os.path.splitext(os.path.basename(path))[0]
    name = stem if stem.isidentifier() and not _taken(stem) else "assay_file_" + "".join(
        c if c.isalnum() else "_" for c in stem)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DeclarationError("not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _taken(stem: str) -> bool:
    if stem in sys.modules or stem in sys.builtin_module_names or stem == "assay":
        return True
    return stem in getattr(sys, "stdlib_module_names", ())
