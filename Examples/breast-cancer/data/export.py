# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1"]
# ///
"""Writes the three other data sets of this folder from the copies that scikit-learn ships. LICENSE.md says whose they are."""

import csv
import pathlib

from sklearn import datasets

FOLDER = pathlib.Path(__file__).parent


def write(name, target, labels, names, rows):
    with open(FOLDER / name, "w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([target, *names])
        for label, row in zip(labels, rows):
            lines.writerow([label, *(f"{value:g}" for value in row)])


wine = datasets.load_wine()
names = [name.replace("/", "_") for name in wine.feature_names]
write("wine.csv", "cultivar", ["second" if y == 1 else "other" for y in wine.target], names, wine.data)

diabetes = datasets.load_diabetes(scaled=False)
middle = sorted(diabetes.target)[len(diabetes.target) // 2]
write("diabetes.csv", "progression", ["fast" if y > middle else "slow" for y in diabetes.target],
      diabetes.feature_names, diabetes.data)

# Of the 64 pixels those that are not always empty.
digits = datasets.load_digits()
chosen = [y in (3, 8) for y in digits.target]
pixels = [place for place in range(64) if digits.data[chosen][:, place].max() > 0]
write("digits.csv", "digit", ["eight" if y == 8 else "three" for y in digits.target[chosen]],
      [f"pixel_{place}" for place in pixels], digits.data[chosen][:, pixels])
