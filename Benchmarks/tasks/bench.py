"""The Python side of the benchmarks."""

from typing import List

from assay import Tensor, task


@task(id="benchpy.sum", idempotent=True)
def add(values: List[int]) -> int:
    return (1 + sum(values)) % 1000003


@task(id="benchpy.last", idempotent=True)
def last(tensor: Tensor["f64", "n"]) -> float:
    """Touches one element: what is left is the hand-over."""
    return tensor.data().cast("B")[-8:].cast("d")[0]
