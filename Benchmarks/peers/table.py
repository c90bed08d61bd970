"""Assay beside other engines on the same graphs of no-op tasks, in turns, on this machine; one table of ratios.

    table.py ASSAY_BENCHMARKS TOOLS PYTHON [REPEATS]

PYTHON is the interpreter of an environment with requirements.txt. Rates of graphs are from the ready graph to its end, rates of
process tasks those of the whole command. What each keeps on disk: Assay its full trace with an fsync for each group, doit,
redun and Parsl what they need to skip a task the next time, luigi a file for each result, the others nothing.
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
        start = time.perf_counter()
        subprocess.run([assay, "run", "--progress", "none", "true.assay"], cwd=folder, check=True, capture_output=True)
        return n / (time.perf_counter() - start)
    finally:
        shutil.rmtree(folder)


def rate(value):
    return f"{value:,.0f}/s"


def main():
    binary, tools, python = sys.argv[1:4]
    repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    shapes = sorted({graph for _, _, graphs in GRAPHS for graph in graphs})
    ours, theirs = {}, {}
    processes = [peer for peer in ("make", "ninja") if shutil.which(peer)]
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
    keeps = {peer: kept for peer, kept, _ in GRAPHS} | {"make": "a process each, nothing", "ninja": "a process each, log"}
    rows = [("peer", "keeps", "graph", "Assay", "peer's", "ratio")]
    for (peer, shape, n), rates in theirs.items():
        our = statistics.median(ours["processes"] if shape == "processes" else ours[(shape, n)])
        their = statistics.median(rates)
        rows.append((peer, keeps[peer], f"{shape} {n:,}", rate(our), rate(their), f"{our / their:,.2f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    main()
