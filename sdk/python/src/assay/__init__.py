"""Tasks for the Assay workflow engine, written in Python.

    from assay import task, Tensor

    @task(phase="preparation", pure=True, deterministic=True)
    def norm(x: Tensor["f64", "n"], eps: float = 1e-9) -> {"y": Tensor["f64", "n"]}:
        x = x.numpy()
        return {"y": (x - x.mean()) / (x.std() + eps)}
"""

from ._annotations import Doc, Opaque, Outputs, Range, Unit
from ._context import Context
from ._errors import Cancelled, DeclarationError, Failure
from ._files import Dir, File
from ._table import Table
from ._strategy import judge, strategy
from ._task import task
from ._tensor import Tensor

__version__ = "0.1.0"

__all__ = [
    "Cancelled", "Context", "DeclarationError", "Dir", "Doc", "Failure", "File", "Opaque", "Outputs", "Range", "Table",
    "Tensor", "Unit", "judge", "strategy", "task",
]


def _describe(source: str) -> str:
    """The describe document of a file of tasks, as JSON text. Raises ``assay._load.LoadError``."""
    from . import _load

    return _load.document(_load.load(source))
