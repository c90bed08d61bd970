#!/usr/bin/env python3
"""A stream with changes that are known, in windows of 500 rows: `window-1.csv` to `window-4.csv`.

After Street and Kim's SEA concepts: x1, x2 and x3 are uniform, the label says whether two of them together stay below a bound,
and one label in twenty is wrong.

  window 1, 2   x1 + x2 <= 8
  window 3      the same concept, other inputs: x3 lies between 5 and 10 instead of 0 and 10
  window 4      another concept: x2 + x3 <= 7
"""

import random
import sys

ROWS = 500


def rows(window, draw):
    for _ in range(ROWS):
        x = [draw.uniform(0, 10), draw.uniform(0, 10), draw.uniform(5 if window == 3 else 0, 10)]
        label = x[1] + x[2] <= 7 if window == 4 else x[0] + x[1] <= 8
        if draw.random() < 0.05:
            label = not label
        yield ",".join(f"{value:.4f}" for value in x) + f",{int(label)}\n"


folder = sys.argv[1] if len(sys.argv) > 1 else "."
draw = random.Random(20261121)
for window in range(1, 5):
    with open(f"{folder}/window-{window}.csv", "w") as file:
        file.write("x1,x2,x3,label\n")
        file.writelines(rows(window, draw))
