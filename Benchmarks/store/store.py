"""The artifact store beside the least that storing costs: read, SHA-256, write, fsync, rename in a loop of C.

    store.py ASSAY LOOP [--repeats 3] [--objects 1000000] [--flow 100]

Whole processes, in turns: 1 GiB in one file; 100,000 files of 100 to 3,000 bytes in a directory. Then verify and gc of a store
of `--objects` small files, and the engine's peak memory while `--flow` GiB of sparse files become artifacts.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time


def run(arguments, folder):
    """Seconds, peak MiB and the printed text of a process."""
    with open(os.path.join(folder, "printed"), "w+b") as printed:
        start = time.perf_counter()
        child = subprocess.Popen(arguments, cwd=folder, stdout=printed, stderr=subprocess.PIPE)
        said = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)}: exit {child.returncode}: {said[-2000:].decode()}")
        seconds = time.perf_counter() - start
        printed.seek(0)
        return seconds, usage.ru_maxrss / 1024, printed.read().decode()


def row(*cells):
    print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, (34, 12, 12, 8, 8))).rstrip(), flush=True)


def small_files(folder, count, start=0):
    os.makedirs(folder, exist_ok=True)
    numbers = random.Random(start)
    for i in range(start, start + count):
        with open(os.path.join(folder, f"f{i}"), "wb") as file:
            file.write(b"%d\n" % i + numbers.randbytes(numbers.randint(100, 3000)))


def beside_the_loop(what, source, options, repeats, folder):
    ours, theirs, peak = [], [], 0
    for turn in range(repeats):
        project = os.path.join(folder, f"project{turn}")
        os.mkdir(project)
        seconds, mebibytes, _ = run([options.assay, "artifact", "put", source, "it"], project)
        ours.append(seconds)
        peak = max(peak, mebibytes)
        shutil.rmtree(project)
        target = os.path.join(folder, "target")
        theirs.append(float(run([options.loop, source, target], folder)[2]))
        shutil.rmtree(target)
    our, their = statistics.median(ours), statistics.median(theirs)
    row(what, f"{our:.2f} s", f"{their:.2f} s", f"{their / our:.2f}", f"{peak:.0f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay", type=os.path.abspath)
    parser.add_argument("loop", type=os.path.abspath)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--flow", type=int, default=100)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="assay-store-", dir=os.environ.get("TMPDIR"))
    try:
        row("what", "assay", "C loop", "ratio", "peak")
        large = os.path.join(folder, "large")
        with open(large, "wb") as file:
            for _ in range(1024):
                file.write(os.urandom(1 << 20))
        beside_the_loop("put 1 GiB", large, options, options.repeats, folder)
        os.remove(large)
        many = os.path.join(folder, "many")
        small_files(many, 100_000)
        beside_the_loop("put 100,000 files", many, options, options.repeats, folder)
        shutil.rmtree(many)

        project = os.path.join(folder, "project")
        os.mkdir(project)
        for start in range(0, options.objects, 100_000):
            small_files(many, min(100_000, options.objects - start), start)
            run([options.assay, "artifact", "put", many, f"part{start}"], project)
            shutil.rmtree(many)
        for what, arguments in [("verify", ["artifact", "verify"]), ("gc --dry-run", ["artifact", "gc", "--dry-run"])]:
            seconds, peak, _ = run([options.assay, *arguments, "--json"], project)
            row(f"{what}, {options.objects:,} objects", f"{seconds:.2f} s", "", "", f"{peak:.0f} MiB")
        shutil.rmtree(project)

        peaks = []
        for number in range(options.flow):
            os.mkdir(project)
            sparse = os.path.join(project, "sparse")
            with open(sparse, "wb") as file:
                file.write(b"%d" % number)
                file.truncate(1 << 30)
            peaks.append(run([options.assay, "artifact", "put", sparse, "flow"], project)[1])
            shutil.rmtree(project)
        row(f"{options.flow} GiB put, sparse", "", "", "", f"{max(peaks):.0f} MiB" if peaks else "")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
