"""What a trial costs besides its own work, and what a long history costs: beside Optuna in the same run.

    overhead.py ASSAY LIBBENCH [PYTHON] [--trials 3000] [--history 100000]

A trial does nothing: `assay exp run` of one task, inside the engine or in a worker, with the whole trace, random search; Optuna's
random sampler with an objective that returns its parameter. The rate is that of the loop, without the start of the program; the
processor time is that of the whole program and its workers, and says more than the rate on a machine that has other things to do.
PYTHON has Optuna; without it its rows are left out.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

DOCUMENT = """assay 1

use "./libbench.so" as bench

workflow nothing {
  in x: int = 0
  step it = bench.sum(values: [x])%(options)s
  out y: int = it.value
}

experiment search {
  study nothing()
  space { x in int 0..1000000000 }
  metrics { y = y minimize }
%(stages)s
}
"""

PEER = """
import sys, time, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
storage, trials, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
study = optuna.create_study(
    storage="sqlite:///" + storage if storage else None, sampler=optuna.samplers.RandomSampler(seed=1))
begin = time.perf_counter()
study.optimize(lambda trial: trial.suggest_int("x", 0, 10**9), n_trials=trials, n_jobs=jobs)
print(trials / (time.perf_counter() - begin))
"""


class Project:
    def __init__(self, arguments, stages, inline=True):
        self.assay = arguments.assay
        self.folder = tempfile.mkdtemp(prefix="assay-overhead-")
        shutil.copy(arguments.libbench, self.folder + "/libbench.so")
        options = " { isolation inline }" if inline else ""
        with open(self.folder + "/a.assay", "w") as file:
            file.write(DOCUMENT % {"options": options, "stages": stages})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words, codes=(0,)):
        """The wall time of a command."""
        begin = time.perf_counter()
        end = subprocess.run([self.assay, *words], cwd=self.folder, capture_output=True, text=True)
        took = time.perf_counter() - begin
        if end.returncode not in codes:
            sys.exit("%s: exit %d\n%s%s" % (" ".join(words), end.returncode, end.stdout[-500:], end.stderr[-2000:]))
        return took

    @property
    def log(self):
        return sqlite3.connect(self.folder + "/.assay/experiments.db")

    def rate(self, after=0):
        """Trials a second, from the first proposal to the last end."""
        trials, begin, end = self.log.execute(
            "SELECT sum(kind = 'ended'), min(at), max(at) FROM entries WHERE seq > ? AND kind IN ('proposed', 'ended')",
            (after,)).fetchone()
        return trials / ((end - begin) / 1e9)


def trials(arguments, parallel, inline):
    stages = "  stage all { strategy random(trials: %d) }" % arguments.trials
    with Project(arguments, stages, inline) as project:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        project.run("exp", "run", "a.assay", "-j", str(parallel))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return project.rate(), cpu / arguments.trials


def peer(arguments, storage, count, jobs):
    if not arguments.python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        words = [arguments.python, "-c", PEER, folder + "/optuna.db" if storage else "", str(count), str(jobs)]
        return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def append(log, rows):
    """As `ExperimentLedger` writes them: each with a hash over the one before."""
    seq, last = log.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
    for at, kind, trial, numbers, text in rows:
        seq += 1
        packed = struct.pack("<%dd" % len(numbers), *numbers)
        sha = hashlib.sha256(last)
        for part in [b"1/%d/%d/%d" % (seq, at, -1 if trial is None else trial), b"engine:engine", kind.encode(), packed,
                     text.encode()]:
            sha.update(b"%d:" % len(part) + part)
        last = sha.digest()
        log.execute("INSERT INTO entries VALUES (1, ?, ?, 'engine:engine', ?, ?, ?, ?, ?)",
                    (seq, at, kind, trial, packed, text, last))
    log.commit()
    return seq


def history(arguments):
    """An experiment with many trials, through its ledger; looking at it, and going on with it."""
    count, more = arguments.history, 1000
    stages = ("  gate first { allow continue, stop }\n"
              "  stage all after first { strategy random(trials: %d) }" % (count + more))
    with Project(arguments, stages) as project:
        project.run("exp", "run", "a.assay", codes=(5,))
        now = time.time_ns()

        def rows():
            yield now, "stage", None, [0], "ended\ncontinue"
            yield now, "stage", None, [1], "began\n"
            for trial in range(1, count + 1):
                x = trial * 2654435761 % 1000000000
                yield now + trial * 1000, "proposed", trial, [1, 0, 1, x], "strategy\n\ndrawn at random"
                yield now + trial * 1000 + 500, "ended", trial, [1e-6, 1, 0, 1, x + 1], "finished\n%d\n" % trial

        seq = append(project.log, rows())
        project.run("artifact", "verify")
        looks = {}
        for words in [("status",), ("leaderboard",), ("status", "--json")]:
            looks["exp " + " ".join(words)] = min(project.run("exp", *words) for _ in range(3))
        project.run("exp", "run", "a.assay", "-j", "2")
        return looks, project.rate(after=seq)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("assay")
    parser.add_argument("libbench")
    parser.add_argument("python", nargs="?")
    parser.add_argument("--trials", type=int, default=3000)
    parser.add_argument("--history", type=int, default=100_000)
    arguments = parser.parse_args()
    arguments.assay, arguments.libbench = os.path.abspath(arguments.assay), os.path.abspath(arguments.libbench)

    print("| trials that do nothing | at a time | Assay | processor time of one | Optuna, in memory | ratio | Optuna, SQLite | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for parallel in [1, 2, 4, 8]:
        memory = peer(arguments, False, arguments.trials, parallel)
        disk = peer(arguments, True, max(arguments.trials // 20, 20), parallel)
        for name, inline in [("in the engine", True), ("in a worker", False)]:
            mine, cpu = trials(arguments, parallel, inline)
            cells = [name, str(parallel), "%.0f/s" % mine, "%.2f ms" % (cpu * 1e3)]
            for other in [memory, disk]:
                cells += ["%.0f/s" % other, "%.2g" % (mine / other)] if other else ["", ""]
            print("| %s |" % " | ".join(cells), flush=True)

    looks, rate = history(arguments)
    print("\n| with %s trials on record | |\n|---|---|" % format(arguments.history, ","))
    for command, seconds in looks.items():
        print("| `%s` | %.2f s |" % (command, seconds))
    print("| 1,000 more, two at a time | %.0f/s |" % rate)


if __name__ == "__main__":
    main()
