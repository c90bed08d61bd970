#!/usr/bin/env python3
"""Real experiments in a row on one problem whose data grows old: handwritten digits, in six deliveries of 290 images.

    real.py ASSAY [--trials N] [--seeds N] [--keep FOLDER]

Each delivery is searched twice: cold, and with what the experiments on earlier deliveries found out. Both have the same strategy, seeds
and number of trials, and a store of their own. The target of a delivery is an error within one point of the best that any of
its experiments found. Prints trials to the target cold and warm, and what the engine itself says by its control group.
Images: `load_digits` of scikit-learn (real; Alpaydin and Kaynak 1998).
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

TASKS = '''# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1"]
# ///
"""Digits, and how well a support vector machine tells them apart."""

from assay import task
from sklearn.datasets import load_digits
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC


@task(version="1.0.0", phase="validation", pure=True, deterministic=True)
def error(delivery: int, scaler: str, share: float, c: float, gamma: float) -> {"error": float}:
    """The share of images that five-fold cross-validation gets wrong."""
    x, y = load_digits(return_X_y=True)
    x, y = x[290 * delivery:290 * (delivery + 1)], y[290 * delivery:290 * (delivery + 1)]
    steps = {"none": [], "standard": [StandardScaler()], "unit": [MinMaxScaler()]}[scaler]
    model = make_pipeline(*steps, SelectKBest(k=max(1, round(64 * share))), SVC(C=c, gamma=gamma))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return {"error": float(1 - cross_val_score(model, x, y, cv=folds).mean())}
'''

DOCUMENT = '''assay 1
use "./digits.py"

workflow search {{
  in delivery: int = {delivery}
  in scaler: string = "none"
  in share: float = 0.5
  in c: float = 1.0
  in gamma: float = 0.01

  step judged = digits.error(delivery: delivery, scaler: scaler, share: share, c: c, gamma: gamma)

  out error: float = judged.error
}}

experiment delivery_{delivery} {{
  study search()
  tags "digits"
  seed {seed}
  space {{
    scaler in ["none", "standard", "unit"]
    share in float 0.05..1
    c in float 0.001..10000 log
    gamma in float 0.0000001..10 log
  }}
  metrics {{ error = error minimize }}
  stage search {{ strategy tpe(trials: {trials}) }}
  budget {{ parallel 1 }}
  {knowledge}
}}
'''
REUSE = 'knowledge { reuse all from experiments(tag: "digits") as same }'


def run(program, folder, delivery, seed, trials, knowledge):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "digits.py").write_text(TASKS)
    document = folder / f"delivery_{delivery}.assay"
    document.write_text(DOCUMENT.format(delivery=delivery, seed=seed, trials=trials, knowledge=knowledge))
    done = subprocess.run([program, "exp", "run", document.name, "--json"], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"exp run ended with {done.returncode}\n{done.stderr}")
    state = json.loads(done.stdout)
    return [one["metrics"]["error"] for one in state["trials"]], state.get("knowledge") or {}


def until(errors, target):
    return next((place for place, error in enumerate(errors, start=1) if error <= target), len(errors) + 1)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("assay")
    options.add_argument("--trials", type=int, default=24)
    options.add_argument("--seeds", type=int, default=2)
    options.add_argument("--keep", help="work there, and leave it")
    given = options.parse_args()
    program, begun = str(pathlib.Path(given.assay).resolve()), time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(given.keep or temporary)
        rows = []
        for delivery in range(6):
            pairs = []
            for seed in range(1, given.seeds + 1):
                warm, knowledge = run(program, root / f"warm{seed}", delivery, seed, given.trials, REUSE if delivery else "")
                cold, _ = (run(program, root / f"cold{seed}", delivery, seed, given.trials, "") if delivery else (warm, {}))
                pairs.append((cold, warm, knowledge))
            target = min(min(cold + warm) for cold, warm, _ in pairs) + 0.01
            rows.append((delivery, target, pairs))
    print("| delivery | target | trials cold | warm | verdict | each trial worth, by the control group |\n|---|---|---|---|---|---|")
    all_cold, all_warm = [], []
    for delivery, target, pairs in rows:
        cold = [until(pair[0], target) for pair in pairs]
        warm = [until(pair[1], target) for pair in pairs]
        if delivery:
            all_cold += cold
            all_warm += warm
        worth = [pair[2].get("efficiency") for pair in pairs]
        said = "; ".join(f"{one['ratio']:.1f} [{one['low']:.1f}, {one['high']:.1f}]" for one in worth if one)
        verdict = ", ".join(pair[2]["verdict"] for pair in pairs if pair[2])
        print(f"| {delivery + 1} | {target:.3f} | {', '.join(map(str, cold))} | {', '.join(map(str, warm)) if delivery else ''} "
              f"| {verdict} | {said} |")
    print(f"\nDeliveries 2 to 6: median {statistics.median(all_cold):g} trials cold, {statistics.median(all_warm):g} warm; "
          f"mean {statistics.mean(all_cold):.1f} and {statistics.mean(all_warm):.1f} ({given.trials + 1} where the target was not "
          f"reached); {time.monotonic() - begun:.0f} s.")


if __name__ == "__main__":
    main()
