"""The artifact store beside the least that storing costs: read, SHA-256, write, synchronise, rename in a loop of C.

    store.py ASSAY LOOP LIBBENCH [--repeats 3] [--files 100000] [--objects 1000000] [--flow 100]

Whole processes, both sides in turns, medians:
- one file of 1 GiB;
- a directory of `--files` files of 100 to 3,000 bytes, beside a loop that synchronises as many together as the store does, and
  a tenth of it beside a loop that synchronises each;
- verify and gc of a store of `--objects` such files;
- a run through which `--flow` GiB of sparse files of 1 GiB go from one task to the next: the memory of engine and worker.

`peak` is the memory of `assay`. A disk with room for the objects (4 KiB each) is needed, and memory for a tenth of that.
"""

import argparse
import glob
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

BATCH = 4096  # Gathering.mostFiles
FLOW = """assay 1
use "./libbench.so" as bench
workflow flow {
  in n: int
  step made = bench.sparse(value: i, count: 1073741824) foreach i in range(n)
  step seen = bench.look(file: f) foreach f in made.file
  out total: int = sum(seen.value)
}
"""


def run(arguments, folder):
    """Seconds, peak MiB and the printed text of a process."""
    with open(os.path.join(folder, "printed"), "w+b") as printed, open(os.path.join(folder, "said"), "w+b") as said:
        start = time.perf_counter()
        child = subprocess.Popen(arguments, cwd=folder, stdout=printed, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            said.seek(0)
            raise SystemExit(f"{' '.join(arguments)}: exit {child.returncode}: {said.read()[-2000:].decode()}")
        printed.seek(0)
        return seconds, usage.ru_maxrss / 1024, printed.read().decode()


def row(*cells):
    print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, (52, 10, 10, 6, 8))).rstrip(), flush=True)


def small_files(folder, count, start=0):
    os.makedirs(folder)
    numbers = random.Random(start)
    noise = numbers.randbytes(1 << 20)
    for i in range(start, start + count):
        at = numbers.randrange(len(noise) - 3000)
        with open(f"{folder}/f{i}", "wb", buffering=0) as file:
            file.write(b"%d\n" % i + noise[at : at + numbers.randint(100, 3000)])


def beside_the_loop(what, source, options, folder, batch=()):
    ours, theirs, peak = [], [], 0
    for _ in range(options.repeats):
        project = os.path.join(folder, "project")
        os.mkdir(project)
        seconds, mebibytes, _ = run([options.assay, "artifact", "put", source, "it"], project)
        ours.append(seconds)
        peak = max(peak, mebibytes)
        shutil.rmtree(project)
        target = os.path.join(folder, "target")
        theirs.append(float(run([options.loop, source, target, *batch], folder)[2]))
        shutil.rmtree(target)
    our, their = statistics.median(ours), statistics.median(theirs)
    row(what, f"{our:.2f} s", f"{their:.2f} s", f"{their / our:.2f}", f"{peak:.0f} MiB")


def many_objects(options, folder, source):
    project = os.path.join(folder, "project")
    os.mkdir(project)
    names, put, peak = [], 0.0, 0.0
    for start in range(0, options.objects, 100_000):
        many = os.path.join(source, "many")
        small_files(many, min(100_000, options.objects - start), start)
        names.append(f"part{start}")
        seconds, mebibytes, _ = run([options.assay, "artifact", "put", many, names[-1]], project)
        put, peak = put + seconds, max(peak, mebibytes)
        shutil.rmtree(many)
    row(f"put {options.objects:,} files, 100,000 a time", f"{put:.2f} s", "", "", f"{peak:.0f} MiB")
    for what, arguments in [
        ("verify", ["verify"]),
        ("gc --dry-run, nothing to remove", ["gc", "--dry-run"]),
        *[("", ["remove", f"{name}@v1"]) for name in names],
        ("gc --dry-run, everything to remove", ["gc", "--dry-run"]),
        ("gc", ["gc"]),
    ]:
        seconds, peak, _ = run([options.assay, "artifact", *arguments], project)
        if what:
            row(f"{what}, {options.objects:,} objects", f"{seconds:.2f} s", "", "", f"{peak:.0f} MiB")
    shutil.rmtree(project)


class Watch(threading.Thread):
    """The resident memory of a process and of its children, by name, again and again."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.sizes, self.over = process, [], threading.Event()
        self.start()

    @staticmethod
    def resident(process):
        try:
            with open(f"/proc/{process}/status") as status:
                fields = dict(line.split(":", 1) for line in status)
            return fields["Name"].strip(), int(fields.get("VmRSS", "0 kB").split()[0]) / 1024
        except (OSError, KeyError):
            return "", 0.0

    def run(self):
        while not self.over.wait(0.05):
            children = []
            # Children belong to the thread that started them.
            for file in glob.glob(f"/proc/{self.process}/task/*/children"):
                try:
                    with open(file) as listed:
                        children += listed.read().split()
                except OSError:
                    continue
            found = [self.resident(child) for child in children]
            worker = max([size for name, size in found if name.startswith("assay-worker")], default=0.0)
            self.sizes.append((self.resident(self.process)[1], worker))

    def halves(self, which):
        """Peaks of the first and of the second half of the time."""
        self.over.set()
        self.join()
        sizes = [size[which] for size in self.sizes]
        middle = len(sizes) // 2
        return max(sizes[:middle], default=0), max(sizes[middle:], default=0)


def flow(options, folder):
    project = os.path.join(folder, "project")
    os.mkdir(project)
    shutil.copy(options.libbench, project)
    with open(os.path.join(project, "flow.assay"), "w") as file:
        file.write(FLOW)
    free = shutil.disk_usage(project).free
    with open(os.path.join(project, "said"), "w+b") as said:
        start = time.perf_counter()
        child = subprocess.Popen(
            [options.assay, "run", "flow.assay", "--set", f"n={options.flow}", "--progress", "none"],
            cwd=project, stdout=said, stderr=said)
        watch = Watch(child.pid)
        code = child.wait()
        seconds = time.perf_counter() - start
        said.seek(0)
        text = said.read().decode()
    if code != 0 or f"total = {options.flow * (options.flow - 1) // 2}" not in text:
        raise SystemExit(f"flow: exit {code}: {text[-2000:]}")
    grown = (free - shutil.disk_usage(project).free) / 2**20
    row(f"{options.flow} GiB, sparse, from task to task", f"{seconds:.2f} s", "", "", "")
    for which, name in enumerate(["engine", "worker"]):
        first, second = watch.halves(which)
        row(f"  {name}: peak of the first, second half", f"{first:.0f} MiB", f"{second:.0f} MiB")
    row("  disk", f"{max(0, grown):.0f} MiB")
    seconds, peak, _ = run([options.assay, "artifact", "verify"], project)
    row("  verify", f"{seconds:.2f} s", "", "", f"{peak:.0f} MiB")
    seconds, peak, _ = run([options.assay, "artifact", "gc", "--keep-runs", "0"], project)
    row("  gc --keep-runs 0", f"{seconds:.2f} s", "", "", f"{peak:.0f} MiB")
    shutil.rmtree(project)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["assay", "loop", "libbench"]:
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--flow", type=int, default=100)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="assay-store-", dir=os.environ.get("TMPDIR"))
    # What is put comes from memory: only the store's own work is on the disk.
    source = tempfile.mkdtemp(prefix="assay-store-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else folder)
    begun = time.perf_counter()
    try:
        row("what", "assay", "C loop", "ratio", "peak")
        large = os.path.join(source, "large")
        with open(large, "wb") as file:
            for _ in range(1024):
                file.write(os.urandom(1 << 20))
        beside_the_loop("put 1 GiB", large, options, folder)
        os.remove(large)
        for count, what, batch in [
            (options.files // 10, "each synchronised", ()),
            (options.files, f"{BATCH:,} synchronised together", (str(BATCH),)),
        ]:
            many = os.path.join(source, "many")
            small_files(many, count)
            beside_the_loop(f"put {count:,} files; loop: {what}", many, options, folder, batch)
            shutil.rmtree(many)
        if options.objects:
            many_objects(options, folder, source)
        if options.flow:
            flow(options, folder)
        row("all of it", f"{time.perf_counter() - begun:.0f} s")
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(source, ignore_errors=True)


if __name__ == "__main__":
    main()
