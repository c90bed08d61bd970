"""Tasks of this project. Each function with @task is one; its annotations are its ports."""

# To use packages, name them here; Assay installs them into an environment of their own:
#
# /// script
# dependencies = []
# ///

from assay import Failure, Tensor, task


@task(phase="validation", pure=True, deterministic=True)
def peak(values: Tensor["f64", "n", 1], width: int = 3) -> {"row": int, "value": float}:
    """Finds the highest moving average and the row it is centred on, from 0."""
    numbers = [row[0] for row in values.tolist()]
    if len(numbers) < width:
        raise Failure(f"{len(numbers)} values are too few for a width of {width}", code="series.short", port="values")
    averages = [sum(numbers[i : i + width]) / width for i in range(len(numbers) - width + 1)]
    best = max(range(len(averages)), key=averages.__getitem__)
    return {"row": best + width // 2, "value": averages[best]}
