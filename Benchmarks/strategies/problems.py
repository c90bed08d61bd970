"""The problems of Sources/Problems.swift and Sources/Tables.swift again: the same functions, the same tables, the same targets.
`table.py` compares them at points before it measures anything."""

import json
import math
import os
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Parameter:
    name: str
    kind: str  # "float", "ordered" (places of a list), "choice"
    low: float = 0
    high: float = 1
    count: int = 0
    parent: int = -1
    choices: tuple = ()

    def exists(self, point):
        return self.parent < 0 or point[self.parent] in self.choices


@dataclass
class Problem:
    name: str
    parameters: list
    target: float
    regret: callable
    rows: dict = field(default_factory=dict)


def branin(p):
    x, y = p
    a = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return a * a + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 - 0.39788735772973816


ALPHA = [1.0, 1.2, 3.0, 3.2]
A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]


def hartmann6(p):
    return 3.322368011415515 - sum(
        ALPHA[i] * math.exp(-sum(A[i][j] * (p[j] - P[i][j] * 1e-4) ** 2 for j in range(6))) for i in range(4)
    )


def ackley5(p):
    z = [a - b for a, b in zip(p, [7.3, -11.9, 3.1, -5.7, 14.2])]
    squares = sum(a * a for a in z) / 5
    waves = sum(math.cos(2 * math.pi * a) for a in z) / 5
    return -20 * math.exp(-0.2 * math.sqrt(squares)) - math.exp(waves) + 20 + math.e


def levy5(p):
    w = [1 + (x - 1) / 4 for x in p]
    middle = sum((w[i] - 1) ** 2 * (1 + 10 * math.sin(math.pi * w[i] + 1) ** 2) for i in range(4))
    return math.sin(math.pi * w[0]) ** 2 + middle + (w[4] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[4]) ** 2)


def rosenbrock4(p):
    return sum(100 * (p[i + 1] - p[i] ** 2) ** 2 + (1 - p[i]) ** 2 for i in range(3))


def box(count, low, high):
    return [Parameter(f"x{i}", "float", low, high) for i in range(count)]


FUNCTIONS = [
    Problem("branin", [Parameter("x0", "float", -5, 10), Parameter("x1", "float", 0, 15)], 0.05, branin),
    Problem("hartmann6", box(6, 0, 1), 0.3, hartmann6),
    Problem("ackley5", box(5, -32.768, 32.768), 5, ackley5),
    Problem("levy5", box(5, -10, 10), 1, levy5),
    Problem("rosenbrock4", box(4, -5, 10), 50, rosenbrock4),
]

PIPELINE = [
    Parameter("scaler", "choice", count=3),
    Parameter("prep", "choice", count=3),
    Parameter("frac", "ordered", count=2, parent=1, choices=(1, 2)),
    Parameter("model", "choice", count=5),
    Parameter("svm_c", "ordered", count=6, parent=3, choices=(0,)),
    Parameter("svm_g", "ordered", count=6, parent=3, choices=(0,)),
    Parameter("lr_c", "ordered", count=7, parent=3, choices=(1,)),
    Parameter("et_mf", "ordered", count=4, parent=3, choices=(2,)),
    Parameter("et_leaf", "ordered", count=4, parent=3, choices=(2,)),
    Parameter("knn_k", "ordered", count=6, parent=3, choices=(3,)),
    Parameter("knn_w", "choice", count=2, parent=3, choices=(3,)),
    Parameter("nb_vs", "ordered", count=4, parent=3, choices=(4,)),
]


def tables():
    folder = os.path.join(HERE, "tables")
    with open(os.path.join(folder, "configs.json")) as file:
        keys = [tuple(c.get(p.name, -1) for p in PIPELINE) for c in json.load(file)]
    rows = {key: row for row, key in enumerate(keys)}
    for name in sorted(os.listdir(folder)):
        if name == "configs.json":
            continue
        with open(os.path.join(folder, name)) as file:
            table = json.load(file)
        errors = [sum(folds) / len(folds) for folds in table["fold_error"]]
        ordered = sorted(errors)
        best, middle = ordered[0], ordered[len(ordered) // 2]
        hundredth = ordered[(len(ordered) + 99) // 100 - 1]
        scale = max(middle - best, 1e-12)

        def regret(point, errors=errors, best=best, scale=scale):
            return (errors[rows[tuple(point)]] - best) / scale

        problem = Problem(table["name"], PIPELINE, (hundredth - best) / scale, regret, rows)
        problem.folds = table["fold_error"]
        yield problem


def problems():
    return FUNCTIONS + list(tables())


def curves():
    with open(os.path.join(HERE, "curves.json")) as file:
        return json.load(file)["wrong"]
