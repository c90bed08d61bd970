"""Trains 300 configurations of a small network on scikit-learn's digits, 81 passes each, and writes what each had wrong after
each pass: real learning curves, from which rules that stop trials early can be measured without training again.

    curves.py > curves.json         # once; about ten minutes of one processor

`configurations` has the settings, `wrong` the errors among `validation` images, one row for each configuration.
"""

import json
import sys
import warnings

import numpy
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

CONFIGURATIONS = 300
PASSES = 81


def draw(random):
    """Uniform on the scale of each setting, wide enough that some fail."""
    return {
        "solver": str(random.choice(["sgd", "adam"])),
        "rate": float(f"{10 ** random.uniform(-4.5, -0.5):.3g}"),
        "hidden": int(round(2 ** random.uniform(2, 6))),
        "decay": float(f"{10 ** random.uniform(-6, 0.5):.3g}"),
        "batch": int(2 ** random.integers(5, 9)),
        "momentum": float(f"{random.uniform(0, 0.98):.3g}"),
        "activation": str(random.choice(["relu", "tanh"])),
    }


def curve(settings, seed, train, validation):
    model = MLPClassifier(
        hidden_layer_sizes=(settings["hidden"],),
        activation=settings["activation"],
        solver=settings["solver"],
        alpha=settings["decay"],
        batch_size=settings["batch"],
        learning_rate_init=settings["rate"],
        momentum=settings["momentum"],
        random_state=seed,
    )
    wrong = []
    for _ in range(PASSES):
        model.partial_fit(*train, classes=range(10))
        wrong.append(int((model.predict(validation[0]) != validation[1]).sum()))
    return wrong


def main():
    warnings.simplefilter("ignore")
    images, digits = load_digits(return_X_y=True)
    images, other, digits, truth = train_test_split(images, digits, test_size=797, random_state=1, stratify=digits)
    scaler = StandardScaler().fit(images)
    train, validation = (scaler.transform(images), digits), (scaler.transform(other), truth)
    random = numpy.random.default_rng(1)
    configurations = [draw(random) for _ in range(CONFIGURATIONS)]
    rows = []
    for seed, settings in enumerate(configurations):
        try:
            rows.append(curve(settings, seed, train, validation))
        except ValueError:  # The weights ran away: all is wrong from there on.
            rows.append([len(truth)] * PASSES)
        if seed % 10 == 9:
            print(f"{seed + 1} of {CONFIGURATIONS}", file=sys.stderr, flush=True)
    json.dump(
        {"validation": len(truth), "configurations": configurations, "wrong": rows}, sys.stdout, separators=(",", ":")
    )


main()
