# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""Checks a table of cases before anything is learnt from it. Needs nothing but Python."""

import math

from assay import Context, Failure, Table, task


@task(version="1.0.0", phase="validation", pure=True, deterministic=True)
def validate(context: Context, table: Table, target: str, least_rows: int = 50,
             least_share: float = 0.1) -> {"table": Table, "report": list[str], "rows": int, "share": float}:
    """Fails on a wrong schema, impossible values or a class that hardly occurs; reports duplicates.

    target: the column that holds the two classes
    least_rows: fewer cases are too few
    least_share: the rarer class has at least this share
    """
    columns = table.columns()
    if target not in columns:
        raise Failure(f"there is no column `{target}`", code="data.schema", port="table")
    features = {name: values for name, values in columns.items() if name != target}
    _check_features(features)
    rows = len(columns[target])
    if rows < least_rows:
        raise Failure(f"{rows} cases are too few, {least_rows} are needed", code="data.size", port="table")
    share = _rarer_share(columns[target], least_share)
    twice = rows - len(set(zip(*columns.values())))
    report = [
        f"{rows} cases, {len(features)} numeric features, no value missing, none negative",
        f"the rarer class has a share of {share:.3f}",
        f"{twice} duplicate cases",
    ]
    for line in report:
        context.log(line, "warning" if twice and "duplicate" in line else "info")
    return {"table": table, "report": report, "rows": rows, "share": share}


def _check_features(features):
    for name, values in features.items():
        for row, value in enumerate(values, start=1):
            if value is None:
                raise Failure(f"`{name}` has no value in row {row}", code="data.missing", port="table")
            if isinstance(value, (bool, str)):
                raise Failure(f"`{name}` is no number in row {row}", code="data.schema", port="table")
            if not math.isfinite(value) or value < 0:
                raise Failure(f"`{name}` is {value} in row {row}", code="data.range", port="table")


def _rarer_share(labels, least_share):
    classes = sorted({str(label) for label in labels})
    if len(classes) != 2:
        raise Failure(f"expected two classes, got {classes}", code="data.classes", port="table")
    share = min(sum(str(label) == name for label in labels) for name in classes) / len(labels)
    if share < least_share:
        raise Failure(f"the rarer class has a share of {share:.3f}", code="data.balance", port="table")
    return share
