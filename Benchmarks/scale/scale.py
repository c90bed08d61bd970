"""How cost grows: plans of 10³ to 10⁶ steps and lists, through the `assay` binary as a user runs it.

    python3 scale.py ASSAY LIBBENCH [--largest 1000000]

For each shape and size: check, plan, run, run again with everything reused, and show; seconds of the whole process and the
peak of its memory. The last lines fit time against size (least squares in logarithms): the exponent of growth.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time


def document(steps, outputs, inputs=()):
    return {
        "schema": "assay.document/1",
        "uses": [{"path": "./libbench.so"}],
        "workflows": [
            {
                "name": "w",
                "inputs": list(inputs),
                "steps": steps,
                "outputs": [{"name": "total", "type": "int", "value": outputs}],
            }
        ],
    }


def step(index, values):
    return {
        "name": f"t{index}",
        "call": "bench.sum",
        "arguments": {"values": values},
        "options": [["isolation", "inline"]],
    }


def ref(index):
    return {"ref": [f"t{index}", "value"]}


def graph(parents):
    """A step for each node, which needs the nodes before it that are named; the workflow gives the last one."""
    values = []
    for needed in parents:
        values.append((1 + sum(values[i] for i in needed)) % 1_000_003)
    steps = [step(i, [ref(j) for j in needed]) for i, needed in enumerate(parents)]
    return document(steps, ref(len(parents) - 1)), values[-1]


def independent(n):
    """n steps that need nothing; the workflow gives the last one."""
    return document([step(i, [i]) for i in range(n)], ref(n - 1)), n % 1_000_003


def chain(n):
    """Each step needs the one before."""
    return graph([[]] + [[i - 1] for i in range(1, n)])


def fan(n):
    """One step, n - 2 that need it, one that needs all of them."""
    return graph([[]] + [[0]] * (n - 2) + [list(range(1, n - 1))])


def epigenomics(n):
    """As the workflow of that name: lanes that are split, chunks that go through four tasks, merged by lane, then all."""
    lanes = max(1, n // 400)
    parents, merges = [], []
    for lane in range(lanes):
        split = len(parents)
        parents.append([])
        ends = []
        for _ in range(max(1, (n // lanes - 2) // 4)):
            parents += [[split], [len(parents)], [len(parents) + 1], [len(parents) + 2]]
            ends.append(len(parents) - 1)
        merges.append(len(parents))
        parents.append(ends)
    parents += [merges, [len(parents)], [len(parents) + 1]]
    return graph(parents)


def montage(n):
    """As the workflow of that name: images, differences of those that overlap, one model of all, images corrected, one sum."""
    images = max(4, (n - 5) // 5)
    parents = [[] for _ in range(images)]
    for near in (1, 2, 3):
        parents += [[i, (i + near) % images] for i in range(images)]
    parents.append(list(range(images, len(parents))))
    parents.append([len(parents) - 1])
    model = len(parents) - 1
    corrected = len(parents)
    parents += [[i, model] for i in range(images)]
    parents.append(list(range(corrected, len(parents))))
    parents += [[len(parents) - 1], [len(parents)]]
    return graph(parents)


def foreach(n):
    """One step over a list of n items."""
    each = {
        "name": "each",
        "call": "bench.sum",
        "arguments": {"values": [{"ref": ["i"]}]},
        "foreach": {"items": ["i"], "in": {"call": "range", "arguments": [n]}},
        "options": [["isolation", "inline"]],
    }
    total = {"call": "sum", "arguments": [{"ref": ["each", "value"]}]}
    return document([each], total), sum((i + 1) % 1_000_003 for i in range(n))


SHAPES = {
    "independent": independent,
    "chain": chain,
    "fan": fan,
    "epigenomics": epigenomics,
    "montage": montage,
    "foreach": foreach,
}


def measure(arguments, folder):
    """Seconds and peak MiB of a process, and the file with what it printed."""
    printed = os.path.join(folder, "printed")
    # Started by a small process: the peak of a child begins with what its parent had.
    words = subprocess.check_output([sys.executable, __file__, "measure", printed, *arguments], cwd=folder).split()
    return float(words[0]), float(words[1]), printed


def measured(printed, arguments):
    with open(printed, "wb") as output, open(printed + ".said", "w+b") as said:
        start = time.perf_counter()
        child = subprocess.Popen(arguments, stdout=output, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        print(time.perf_counter() - start, usage.ru_maxrss / 1024)
        if status != 0:
            said.seek(0)
            sys.exit(f"{' '.join(arguments)}: exit {os.waitstatus_to_exitcode(status)}: {said.read()[-2000:].decode()}")


def trial(assay, library, shape, n):
    folder = tempfile.mkdtemp(prefix="assay-scale-")
    try:
        shutil.copy(library, os.path.join(folder, "libbench.so"))
        expected = int(subprocess.check_output([sys.executable, __file__, "document", shape, str(n), folder]))
        figures = {}
        commands = {
            "check": ["check", "w.assay.json"],
            "plan": ["plan", "w.assay.json", "--json"],
            "run": ["run", "w.assay.json", "--progress", "none", "--json"],
            "again": ["run", "w.assay.json", "--progress", "none", "--json"],
            "show": ["runs", "show", "1", "--json"],
        }
        for name, arguments in commands.items():
            seconds, peak, printed = measure([assay, *arguments], folder)
            if name in ("run", "again"):
                with open(printed) as file:
                    got = json.load(file)["outputs"]["total"]
                if got != expected:
                    raise SystemExit(f"{shape} {n}: {got} instead of {expected}")
            figures[name] = (seconds, peak)
        return figures
    finally:
        shutil.rmtree(folder)


def exponent(points):
    """The slope of log(seconds) over log(n), from the sizes where the process itself is not all of the time."""
    points = [(math.log(n), math.log(seconds)) for n, seconds in points]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def write(shape, n, folder):
    content, expected = SHAPES[shape](n)
    with open(os.path.join(folder, "w.assay.json"), "w") as file:
        json.dump(content, file)
    print(expected)


def main():
    if sys.argv[1:2] == ["document"]:
        return write(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    if sys.argv[1:2] == ["measure"]:
        return measured(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("library")
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    options = parser.parse_args()
    sizes = [n for n in (1_000, 10_000, 100_000, 1_000_000) if n <= options.largest]
    phases = ["check", "plan", "run", "again", "show"]
    print(f"{'shape':12} {'n':>9}" + "".join(f"{phase + ' s':>10}{'MiB':>7}" for phase in phases))
    for shape in options.shapes.split(","):
        taken = {}
        for n in sizes:
            taken[n] = trial(os.path.abspath(options.assay), os.path.abspath(options.library), shape, n)
            cells = "".join(f"{taken[n][phase][0]:10.2f}{taken[n][phase][1]:7.0f}" for phase in phases)
            print(f"{shape:12} {n:9}{cells}", flush=True)
        large = [n for n in sizes if n >= 10_000]
        if len(large) > 1:
            cells = "".join(f"{exponent([(n, taken[n][phase][0]) for n in large]):10.2f}{'':7}" for phase in phases)
            print(f"{shape:12} {'exponent':>9}{cells}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
