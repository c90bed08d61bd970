"""What stopping trials early saves, end to end: `assay exp run` with real workers, on cross-validation errors that were really measured.

    pruning.py ASSAY [--tables 15] [--seeds 1] [--rule "median"] [--delay MS]

For each data set of Benchmarks/strategies/tables: random search of 60 of 1,125 configurations, five folds each, one after the
other, without and with `prune RULE`. A call of the task is a fold. `cheaper`: calls without over calls with the rule; `same`: both found
a configuration with the same mean error.
"""

import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SDK = os.path.join(HERE, "../../sdk/c/include")

TASK = r"""
#include <stdio.h>
#include <time.h>
#include "assay.h"
static const double errors[][5] = {
%s
};
static const assay_port row = {sizeof row, 0, "row", "int", "", 0, 0, 0}, fold = {sizeof fold, 0, "fold", "int", "", 0, 0, 0};
static const assay_port error = {sizeof error, 0, "error", "float", "", 0, 0, 0};
static const assay_port *const in[] = {&row, &fold}, *const out[] = {&error};
static assay_status measure(void *self, const assay_run *run) {
  (void)self;
  struct timespec pause = {0, %d * 1000000L};
  nanosleep(&pause, 0);
  assay_value v = {0};
  v.kind = ASSAY_F64;
  v.f64 = errors[run->inputs[0].i64][run->inputs[1].i64];
  return run->host->output(run, 0, &v);
}
static const assay_task task = {sizeof task, ASSAY_PURE, 0, 0, "folds.measure", "1.0.0", "", "", "validation", in, 2, 1, out,
                                0, 0, 0, 0, 0, 0, 0, 0, measure, 0, 0};
static const assay_task *const tasks[] = {&task};
static const assay_plugin plugin = {sizeof plugin, ASSAY_GENERATION, ASSAY_REVISION, 0, "folds", "1.0.0", "MIT", "", tasks, 1, 0, 0, 0};
ASSAY_EXPORT const assay_plugin *assay_plugin_entry(const assay_loader *loader) { return assay_speaks(loader) ? &plugin : 0; }
"""

DOCUMENT = """assay 1

use "./folds.so" as folds

workflow validation {
  in row: int = 0
  step fold = folds.measure(row: row, fold: k) foreach k in range(5) max 1
  out error: float = mean(fold.error)
}

experiment tune {
  study validation()
  seed %d
  order strict
  space { row in int 0..%d }
  metrics { error = error minimize }
  stage search {
    strategy random(trials: 60)
%s
  }
}
"""


def experiment(assay, folder, rows, seed, rule):
    with open(folder + "/a.assay", "w") as file:
        file.write(DOCUMENT % (seed, rows - 1, "    prune " + rule if rule else ""))
    shutil.rmtree(folder + "/.assay", ignore_errors=True)
    end = subprocess.run([assay, "exp", "run", "a.assay", "-j", "1", "--json"], cwd=folder, capture_output=True, text=True)
    if end.returncode:
        sys.exit(end.stderr)
    trials = json.loads(end.stdout)["trials"]
    finished = [trial["metrics"]["error"] for trial in trials if trial["state"] == "finished"]
    return sum(trial["ran"] for trial in trials), min(finished), sum(t["state"] == "pruned" for t in trials)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("assay")
    parser.add_argument("--tables", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rule", default="median")
    parser.add_argument("--delay", type=int, default=3, help="milliseconds of a fold")
    arguments = parser.parse_args()
    arguments.assay = os.path.abspath(arguments.assay)
    names = sorted(glob.glob(os.path.join(HERE, "../strategies/tables/*.json")))
    names = [name for name in names if not name.endswith("configs.json")][:arguments.tables]
    calls, same, runs = [0, 0], 0, 0
    print("| data | folds without | with `prune %s` | cheaper | pruned | same best |\n|---|---|---|---|---|---|" % arguments.rule)
    for name in names:
        with open(name) as file:
            errors = json.load(file)["fold_error"]
        with tempfile.TemporaryDirectory() as folder:
            lines = ",\n".join("{%s}" % ", ".join(map(repr, row)) for row in errors)
            with open(folder + "/folds.c", "w") as file:
                file.write(TASK % (lines, arguments.delay))
            subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-I", SDK, "-o", folder + "/folds.so", folder + "/folds.c"], check=True)
            for seed in range(arguments.seeds):
                whole, best, _ = experiment(arguments.assay, folder, len(errors), seed, None)
                cut, found, pruned = experiment(arguments.assay, folder, len(errors), seed, arguments.rule)
                isSame = found <= best + 1e-12
                calls, same, runs = [calls[0] + whole, calls[1] + cut], same + isSame, runs + 1
                print("| %s | %d | %d | %.2f | %d of 60 | %s |" % (
                    os.path.basename(name)[:-5], whole, cut, whole / cut, pruned, "yes" if isSame else "no"), flush=True)
    print("| all | %d | %d | %.2f | | %d of %d |" % (calls[0], calls[1], calls[0] / calls[1], same, runs))


if __name__ == "__main__":
    main()
