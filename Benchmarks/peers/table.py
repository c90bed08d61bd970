"""Assay beside other engines on the same graphs of no-op tasks, in turns, on this machine; one table of ratios.

    table.py ASSAY_BENCHMARKS TOOLS PYTHON [REPEATS]

PYTHON is the interpreter of an environment with requirements.txt. Rates of graphs are from the ready graph to its end, rates of
process tasks those of the whole command. What each keeps on disk: Assay its full trace with an fsync for each group, doit,
redun and Parsl what they need to skip a task the next time, luigi a file for each result, the others nothing.

Then times of whole commands beside make and ninja: one command that runs, and nothing to do for many targets. There Assay looks up
each step by the content of its inputs, in a document of as many steps; make and ninja look at the time of each file.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))

# What each peer can do in a few seconds.
GRAPHS = [
    ("hamilton", "in memory", [("independent", 10_000), ("layered", 10_000)]),
    ("dask", "in memory, threads", [("independent", 10_000), ("layered", 1_000)]),
    ("parsl", "threads, checkpoint", [("independent", 2_000), ("layered", 2_000)]),
    ("doit", "SQLite", [("independent", 1_000), ("layered", 1_000)]),
    ("luigi", "a file each", [("independent", 500), ("layered", 500)]),
    ("redun", "SQLite", [("independent", 200)]),
]
PROCESSES = 1_000


def assay_graph(binary, tools, shape, n):
    name = f"independent {n}" if shape == "independent" else f"layered {n // 100} 100"
    printed = subprocess.run([binary, tools, "profile", name], check=True, capture_output=True, text=True).stdout
    return float(printed.split()[-2].removesuffix("/s"))


def peer_graph(python, peer, shape, n):
    folder = tempfile.mkdtemp(prefix="assay-peer-")
    try:
        command = [python, os.path.join(HERE, "peer.py"), peer, shape, str(n), folder]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{peer}: {done.stderr[-2000:]}")
        return n / float(done.stdout.split()[-1])
    finally:
        shutil.rmtree(folder)


def assay_processes(assay, n):
    folder = tempfile.mkdtemp(prefix="assay-peer-")
    try:
        with open(os.path.join(folder, "true.assay"), "w") as file:
            file.write(
                "assay 1\nuse std.shell as shell\nworkflow w {\n"
                f'  step each = shell.run(command: ["/bin/true"]) foreach i in range({n}) {{ reuse never }}\n'
                "  out codes: list<int> = each.exit\n}\n"
            )
        return n / seconds([assay, "run", "--progress", "none", "true.assay"], folder)
    finally:
        shutil.rmtree(folder)


def seconds(command, folder):
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def write(folder, name, lines):
    with open(os.path.join(folder, name), "w") as file:
        file.write("\n".join(lines) + "\n")


def one_command(folder, assay):
    """A folder in which one command runs each time."""
    write(
        folder, "plan.assay",
        ["assay 1", "use std.shell as shell", "workflow w {", '  step s = shell.run(command: ["/bin/true"])',
         "  out code: int = s.exit", "}"],
    )
    write(folder, "Makefile", [".PHONY: t", "t:", "\t@/bin/true"])
    write(folder, "build.ninja", ["rule r", "  command = /bin/true", "build t: r"])


def nothing_to_do(folder, assay, n):
    """A folder in which all is done."""
    steps = [f'  step s{i} = text.count(text: "{i}")' for i in range(n)]
    ends = ", ".join(f"s{i}.words" for i in range(n))
    write(
        folder, "plan.assay",
        ["assay 1", "use std.text as text", "workflow w {", *steps, f"  out words: list<int> = [{ends}]", "}"],
    )
    names = [f"t{i}" for i in range(n)]
    write(folder, "Makefile", ["all: " + " ".join(names)] + [f"{name}:\n\t@touch {name}" for name in names])
    write(folder, "build.ninja", ["rule r", "  command = touch $out"] + [f"build {name}: r" for name in names])
    for command in whole_commands(assay).values():
        seconds(command, folder)


def whole_commands(assay):
    found = {"make": ["make", "-s", "-j2"], "ninja": ["ninja", "-j2"]}
    ours = {"assay": [assay, "run", "--progress", "none", "plan.assay"]}
    return ours | {peer: command for peer, command in found.items() if shutil.which(peer)}


class WholeCommands:
    """Times of whole commands, in turns."""

    CASES = [
        ("one command", one_command),
        ("1,000 done", lambda folder, assay: nothing_to_do(folder, assay, 1_000)),
        ("10,000 done", lambda folder, assay: nothing_to_do(folder, assay, 10_000)),
    ]

    def __init__(self, assay):
        self.assay = assay
        self.folders = {}
        self.times = {}
        for name, prepare in self.CASES:
            self.folders[name] = tempfile.mkdtemp(prefix="assay-peer-")
            prepare(self.folders[name], assay)

    def turn(self):
        for name, folder in self.folders.items():
            for _ in range(5):
                for program, command in whole_commands(self.assay).items():
                    self.times.setdefault((name, program), []).append(seconds(command, folder))

    def rows(self):
        for (name, program), times in self.times.items():
            if program == "assay":
                continue
            our, their = statistics.median(self.times[(name, "assay")]), statistics.median(times)
            yield (program, "whole command", name, f"{our * 1e3:,.0f} ms", f"{their * 1e3:,.0f} ms", f"{their / our:,.2f}")

    def close(self):
        for folder in self.folders.values():
            shutil.rmtree(folder)


def rate(value):
    return f"{value:,.0f}/s"


def main():
    binary, tools, python = sys.argv[1:4]
    repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    shapes = sorted({graph for _, _, graphs in GRAPHS for graph in graphs})
    ours, theirs = {}, {}
    processes = [peer for peer in ("make", "ninja") if shutil.which(peer)]
    whole = WholeCommands(os.path.join(tools, "assay"))
    for turn in range(repeats):
        print(f"… turn {turn + 1} of {repeats}", file=sys.stderr, flush=True)
        for shape, n in shapes:
            ours.setdefault((shape, n), []).append(assay_graph(binary, tools, shape, n))
        for peer, _, graphs in GRAPHS:
            for shape, n in graphs:
                theirs.setdefault((peer, shape, n), []).append(peer_graph(python, peer, shape, n))
        ours.setdefault("processes", []).append(assay_processes(os.path.join(tools, "assay"), PROCESSES))
        for peer in processes:
            theirs.setdefault((peer, "processes", PROCESSES), []).append(
                peer_graph(python, peer, "independent", PROCESSES)
            )
        whole.turn()
    keeps = {peer: kept for peer, kept, _ in GRAPHS} | {"make": "a process each, nothing", "ninja": "a process each, log"}
    rows = [("peer", "keeps", "graph", "Assay", "peer's", "ratio")]
    for (peer, shape, n), rates in theirs.items():
        our = statistics.median(ours["processes"] if shape == "processes" else ours[(shape, n)])
        their = statistics.median(rates)
        rows.append((peer, keeps[peer], f"{shape} {n:,}", rate(our), rate(their), f"{our / their:,.2f}"))
    rows += whole.rows()
    whole.close()
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    main()
