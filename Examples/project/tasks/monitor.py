# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""Looks whether cases are still like those that a model has learnt from. Needs nothing but Python."""

import math

from assay import Context, Failure, File, Table, task


@task(version="1.0.0", phase="monitoring", pure=True, deterministic=True)
def drift(context: Context, reference: Table, today: Table, target: str, after: File, limit: float = 0.25) -> {"worst": float}:
    """Fails when a feature has drifted: its population stability index over ten bins of the reference is above the limit.

    target: the column that is no feature
    after: what is in use; the comparison is made for it
    limit: 0.25 is what is usually taken for "has changed"
    """
    old, new = reference.columns(), today.columns()
    worst, where = 0.0, ""
    for name in sorted(set(old) & set(new) - {target}):
        index = _stability(old[name], new[name])
        if index > worst:
            worst, where = index, name
    context.log(f"most moved: {where} ({worst:.3f})")
    if worst > limit:
        raise Failure(f"`{where}` has drifted: stability index {worst:.2f} > {limit}", code="drift.psi", port="today")
    return {"worst": worst}


def _stability(old, new, bins=10):
    """Population stability index; bins by quantiles of `old`, half a case in each so that none is empty."""
    edges = sorted(old)
    borders = [edges[len(edges) * place // bins] for place in range(1, bins)]

    def shares(values):
        counts = [0.5] * bins
        for value in values:
            counts[sum(value >= border for border in borders)] += 1
        return [count / sum(counts) for count in counts]

    return sum((b - a) * math.log(b / a) for a, b in zip(shares(old), shares(new)))
