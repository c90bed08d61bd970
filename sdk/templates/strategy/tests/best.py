"""Prints the best trial of an experiment (`assay exp run --json`)."""

import json
import sys

experiment = json.load(sys.stdin)
best = next(trial for trial in experiment["trials"] if trial["trial"] == experiment["best"])
print("%d of %d trials: %.4f" % (best["trial"], len(experiment["trials"]), best["metrics"]["height"]))
