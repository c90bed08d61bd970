"""What a question to a strategy of a plugin takes, with 100 and with 1,000 trials on record: medians of five questions.

    asks.py ASSAY [--trials 100,1000] [--strategies optuna.tpe,…]

One experiment for each number: its first stage makes the trials, at random and with a task that costs nothing, and each strategy has
a stage behind it. What counts is the time of the run that a question is: call, worker, record.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STRATEGIES = "optuna.random,optuna.tpe,optuna.cma_es,optuna.nsga2,optuna.qmc,hyperopt.tpe,hyperopt.annealing,mine.sample"
ASKS = 5
TASKS = """
from assay import strategy, task
from assay.strategies import generator

@task(pure=True)
def bowl(x: float, y: float, k: int) -> {"y": float}:
    return {"y": x * x + y * y + k}

@strategy
def sample(space, seed, trial, history):
    return space.sample(generator(seed, trial))
"""
DOCUMENT = """assay 1
use "./mine.py" as mine
use "%s/Plugins/strategies/optuna_samplers.py" as optuna
use "%s/Plugins/strategies/hyperopt_search.py" as hyperopt
workflow main {
  in x: float = 0.5
  in y: float = 0.5
  in k: int = 1
  step s = mine.bowl(x: x, y: y, k: k)
  out y2: float = s.y
}
experiment asks {
  study main()
  space {
    x in float -5..10
    y in float 0..15
    k in int 1..64 log
  }
  metrics { y2 = y2 minimize }
  stage before { strategy random(trials: %d) }
%s
}
"""


def measure(assay, strategies, trials):
    """By strategy, milliseconds of the questions but the slowest, which also starts the worker."""
    stages = "\n".join(
        "  stage s%d after %s { strategy %s(trials: %d) }" % (i, "s%d" % (i - 1) if i else "before", name, ASKS + 1)
        for i, name in enumerate(strategies))
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/mine.py", "w") as file:
            file.write(TASKS)
        with open(folder + "/main.assay", "w") as file:
            file.write(DOCUMENT % (ROOT, ROOT, trials, stages))
        subprocess.run([assay, "exp", "run", "main.assay", "-j", "1"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = str(2 * (ASKS + 1) * len(strategies))
        listed = subprocess.run([assay, "runs", "list", "--limit", limit, "--json"], cwd=folder, check=True,
                                capture_output=True, text=True)
    times = {name: [] for name in strategies}
    for run in json.loads(listed.stdout)["runs"]:
        if run["workflow"] in times:
            times[run["workflow"]].append(took(run))
    assert all(len(found) == ASKS + 1 for found in times.values()), times
    return {name: statistics.median(sorted(found)[:-1]) for name, found in times.items()}


def took(run):
    begin, end = (datetime.datetime.strptime(run[key], "%Y-%m-%dT%H:%M:%S.%fZ") for key in ("started_at", "finished_at"))
    return (end - begin).total_seconds() * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("--trials", default="100,1000")
    parser.add_argument("--strategies", default=STRATEGIES)
    options = parser.parse_args()
    sizes = [int(size) for size in options.trials.split(",")]
    print("| |", " | ".join("ask with %s trials" % format(size, ",") for size in sizes), "|")
    print("|---|" + "---|" * len(sizes))
    names = options.strategies.split(",")
    found = [measure(os.path.abspath(options.assay), names, size) for size in sizes]
    for name in names:
        print("| `%s` |" % name, " | ".join("%.0f ms" % each[name] for each in found), "|")


if __name__ == "__main__":
    main()
