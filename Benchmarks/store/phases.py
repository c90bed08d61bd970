"""How cost grows with the history of a project: `assay phases` and `assay export` on stores of 100 to 10,000 runs.

    python3 phases.py ASSAY ASSAY-BENCHMARKS TOOLS [--runs 100,1000,10000]

Each store is made by the engine: eight steps of five phases, one of them edited before each run. Seconds of the whole process
(the least of some), the peak of its memory in MiB, and the exponent of growth between the last two sizes.
"""
import argparse
import math
import os
import pathlib
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("assay")
parser.add_argument("benchmarks")
parser.add_argument("tools", help="the folder of libbench.so")
parser.add_argument("--runs", default="100,1000,10000")
parser.add_argument("--repeats", type=int, default=3)
options = parser.parse_args()
sizes = [int(size) for size in options.runs.split(",")]

COMMANDS = [
    ["phases", "matrix"],
    ["phases", "insights"],
    ["phases", "graph"],
    ["phases", "--json"],
    ["phases", "report", "report.html"],
    ["export", "ocel", "--output", "log.json", "--force"],
    ["export", "xes", "--output", "log.xes", "--force"],
    ["export", "perfetto", "--output", "work.json", "--force"],
]


def measure(command, folder):
    """Seconds and MiB."""
    best, peak = math.inf, 0
    for _ in range(options.repeats):
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        words = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        best, peak = min(best, time.perf_counter() - start), max(peak, usage.ru_maxrss / 1024)
        if status != 0:
            raise SystemExit(f"{' '.join(command)} ended with {status}: {words}")
    return best, peak


with tempfile.TemporaryDirectory() as scratch:
    rows = {" ".join(command[:2]): [] for command in COMMANDS}
    for size in sizes:
        folder = pathlib.Path(scratch) / str(size)
        start = time.perf_counter()
        subprocess.run([options.benchmarks, options.tools, "history", folder, str(size)], check=True)
        print(f"{size} runs made in {time.perf_counter() - start:.0f} s", flush=True)
        for command in COMMANDS:
            rows[" ".join(command[:2])].append(measure([options.assay, *command], folder))
    print(f"{'':20}" + "".join(f"{size:>16,}" for size in sizes) + "   growth")
    for name, found in rows.items():
        growth = ""
        if len(found) > 1:
            growth = f"{math.log(found[-1][0] / found[-2][0]) / math.log(sizes[-1] / sizes[-2]):.2f}"
        print(f"{name:20}" + "".join(f"{seconds:8.2f} s {memory:3.0f} MB" for seconds, memory in found) + f"{growth:>9}")
