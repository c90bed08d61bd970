# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""A small learner, its judge and a detector of drift. Needs nothing but Python.

A model is a list of numbers: a bound and three weights, then what its own data looked like, for the detector: the means of x1, x2
and x3, and the error.
"""

import csv
import math

from assay import File, task


def _read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [[float(value) for value in row[:3]] for row in rows], [int(row[3]) for row in rows]


def _wrong(model, x, y):
    score = model[0] + sum(weight * value for weight, value in zip(model[1:4], x))
    return int((score > 0) != (y == 1))


@task(version="1.0.0", phase="development", pure=True, deterministic=True)
def learn(window: File, rate: float = 0.1, passes: int = 5) -> {"model": list[float], "error": float}:
    """Logistic regression by stochastic gradient descent on three quarters of a window; the error is that on the last quarter.

    rate: how far each case moves the weights
    passes: how often all cases are seen
    """
    inputs, labels = _read(window.path)
    cut = len(inputs) * 3 // 4
    model = [0.0] * 4
    for number in range(passes):
        for x, y in zip(inputs[:cut], labels[:cut]):
            scaled = [1.0] + [(value - 5) / 5 for value in x]
            score = sum(weight * value for weight, value in zip(model, scaled))
            step = rate / (1 + number) * (y - 1 / (1 + math.exp(-max(-30.0, min(30.0, score)))))
            model = [weight + step * value for weight, value in zip(model, scaled)]
    plain = [model[0] - sum(model[1:])] + [weight / 5 for weight in model[1:]]
    held = list(zip(inputs[cut:], labels[cut:]))
    error = sum(_wrong(plain, x, y) for x, y in held) / len(held)
    means = [sum(column) / len(inputs) for column in zip(*inputs)]
    return {"model": plain + means + [error], "error": error}


@task(version="1.0.0", phase="validation", pure=True, deterministic=True)
def judge(model: list[float], window: File) -> {"error": float}:
    """The share of a window that a model has wrong."""
    cases = list(zip(*_read(window.path)))
    return {"error": sum(_wrong(model, x, y) for x, y in cases) / len(cases)}


@task(version="1.0.0", phase="monitoring", pure=True, deterministic=True)
def detect(model: list[float], window: File, slack: float = 0.25,
           bound: float = 25.0) -> {"drift": bool, "where": str, "row": int}:
    """Page's test (CUSUM) on each input and on the errors, against what the model's own data looked like.

    slack: what a deviation may be, in standard deviations, without adding up
    bound: an alarm is raised when the deviations add up to so many standard deviations
    """
    inputs, labels = _read(window.path)
    error = max(model[7], 0.01)
    watched = {f"x{column + 1}": (model[4 + column], 10 / math.sqrt(12), [x[column] for x in inputs])
               for column in range(3)}
    watched["error"] = (error, math.sqrt(error * (1 - error)), [_wrong(model, x, y) for x, y in zip(inputs, labels)])
    for name, (mean, deviation, values) in watched.items():
        up = down = 0.0
        for row, value in enumerate(values, 1):
            distance = (value - mean) / deviation
            up, down = max(0.0, up + distance - slack), max(0.0, down - distance - slack)
            if max(up, down) > bound:
                return {"drift": True, "where": name, "row": row}
    return {"drift": False, "where": "nowhere", "row": 0}
