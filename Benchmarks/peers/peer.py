"""Runs a graph of no-op tasks once through one peer, and prints the seconds from the ready graph to its end.

    python3 peer.py PEER independent|layered N FOLDER

Each as its documentation shows it, with what makes it remember results where it can. Every peer computes the same numbers,
which are checked: the value of a node is 1 plus the values that it needs, modulo 1,000,003.
"""

import os
import sys
import time

MODULUS = 1_000_003


def parents(shape, n):
    if shape == "independent":
        return [[] for _ in range(n)]
    width = 100
    return [
        [] if i < width else [(i // width - 1) * width + p for p in (i % width, (i + 1) % width, (i + 37) % width)]
        for i in range(n)
    ]


def expected(graph):
    values = []
    for needs in graph:
        values.append((1 + sum(values[j] for j in needs)) % MODULUS)
    return values


def ends(graph):
    needed = {j for needs in graph for j in needs}
    return [i for i in range(len(graph)) if i not in needed]


def timed(body):
    start = time.perf_counter()
    result = body()
    return time.perf_counter() - start, result


def hamilton(graph, folder):
    from hamilton import ad_hoc_utils, driver

    def node(i, needs):
        scope = {}
        names = ", ".join(f"t{j}: int" for j in needs)
        total = " + ".join(["1"] + [f"t{j}" for j in needs])
        exec(f"def t{i}({names}) -> int:\n    return ({total}) % {MODULUS}", scope)
        return scope[f"t{i}"]

    module = ad_hoc_utils.create_temporary_module(*[node(i, needs) for i, needs in enumerate(graph)])
    built = driver.Builder().with_modules(module).build()
    names = [f"t{i}" for i in ends(graph)]
    seconds, result = timed(lambda: built.execute(names))
    return seconds, {int(name[1:]): value for name, value in result.items()}


def dask(graph, folder):
    import dask as library

    @library.delayed(pure=False)
    def node(values):
        return (1 + sum(values)) % MODULUS

    nodes = []
    for needs in graph:
        nodes.append(node([nodes[j] for j in needs]))
    last = ends(graph)
    seconds, result = timed(lambda: library.compute(*[nodes[i] for i in last], scheduler="threads", num_workers=2))
    return seconds, dict(zip(last, result))


def luigi(graph, folder):
    import logging

    import luigi as library

    logging.disable(logging.CRITICAL)

    class Node(library.Task):
        number = library.IntParameter()

        def requires(self):
            return [Node(number=j) for j in graph[self.number]]

        def output(self):
            return library.LocalTarget(os.path.join(folder, f"t{self.number}"))

        def run(self):
            total = 1
            for target in self.input():
                with target.open() as file:
                    total += int(file.read())
            with self.output().open("w") as file:
                file.write(str(total % MODULUS))

    last = ends(graph)
    tasks = [Node(number=i) for i in last]
    seconds, ok = timed(lambda: library.build(tasks, local_scheduler=True, workers=1, log_level="CRITICAL"))
    assert ok
    return seconds, {i: int(open(os.path.join(folder, f"t{i}")).read()) for i in last}


def doit(graph, folder):
    from doit.cmd_base import ModuleTaskLoader
    from doit.doit_cmd import DoitMain

    def work(number):
        total = 1
        for j in graph[number]:
            with open(os.path.join(folder, f"t{j}")) as file:
                total += int(file.read())
        with open(os.path.join(folder, f"t{number}"), "w") as file:
            file.write(str(total % MODULUS))

    def task_t():
        for i, needs in enumerate(graph):
            yield {
                "name": str(i),
                "actions": [(work, [i])],
                "file_dep": [os.path.join(folder, f"t{j}") for j in needs],
                "targets": [os.path.join(folder, f"t{i}")],
            }

    config = {"dep_file": os.path.join(folder, "doit.db"), "backend": "sqlite3", "verbosity": 0, "reporter": "zero"}
    loader = ModuleTaskLoader({"task_t": task_t, "DOIT_CONFIG": config})
    seconds, code = timed(lambda: DoitMain(loader).run(["run"]))
    assert code == 0
    return seconds, {i: int(open(os.path.join(folder, f"t{i}")).read()) for i in ends(graph)}


def redun(graph, folder):
    import logging

    import redun as library
    from redun.config import Config

    logging.disable(logging.CRITICAL)

    @library.task(namespace="bench")
    def node(number, values):
        return (1 + sum(values)) % MODULUS

    @library.task(namespace="bench")
    def main():
        nodes = []
        for i, needs in enumerate(graph):
            nodes.append(node(i, [nodes[j] for j in needs]))
        return [nodes[i] for i in ends(graph)]

    config = Config({"backend": {"db_uri": f"sqlite:///{folder}/redun.db"}})
    scheduler = library.Scheduler(config=config)
    scheduler.load()
    seconds, result = timed(lambda: scheduler.run(main()))
    return seconds, dict(zip(ends(graph), result))


def parsl(graph, folder):
    import parsl as library
    from parsl.config import Config
    from parsl.executors.threads import ThreadPoolExecutor

    from parsl.dataflow.memoization import BasicMemoizer

    os.chdir(folder)
    memoizer = BasicMemoizer(checkpoint_mode="task_exit")
    library.load(Config(executors=[ThreadPoolExecutor(max_threads=2)], memoizer=memoizer, run_dir=folder))

    def work(number, *values):
        return (1 + sum(values)) % MODULUS

    node = library.python_app(work, cache=True)

    def run():
        nodes = []
        for i, needs in enumerate(graph):
            nodes.append(node(i, *[nodes[j] for j in needs]))
        return [nodes[i].result() for i in ends(graph)]

    seconds, result = timed(run)
    library.dfk().cleanup()
    return seconds, dict(zip(ends(graph), result))


def process_graph(graph, folder, text, command):
    import subprocess

    with open(os.path.join(folder, "build.ninja" if command[0] == "ninja" else "Makefile"), "w") as file:
        file.write(text)
    seconds, _ = timed(lambda: subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL))
    return seconds, None


def make(graph, folder):
    rules = [f"all: {' '.join(f't{i}' for i in ends(graph))}", f".PHONY: all {' '.join(f't{i}' for i in range(len(graph)))}"]
    rules += [f"t{i}: {' '.join(f't{j}' for j in needs)}\n\t@/bin/true" for i, needs in enumerate(graph)]
    return process_graph(graph, folder, "\n".join(rules) + "\n", ["make", "-j2", "all"])


def ninja(graph, folder):
    rules = ["rule r", "  command = /bin/true"]
    rules += [f"build t{i}: r {' '.join(f't{j}' for j in needs)}" for i, needs in enumerate(graph)]
    return process_graph(graph, folder, "\n".join(rules) + "\n", ["ninja", "-j2"])


def main():
    peer, shape, n, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    sys.setrecursionlimit(100_000)
    graph = parents(shape, n)
    seconds, result = globals()[peer](graph, folder)
    if result is not None:
        values = expected(graph)
        wrong = [i for i in ends(graph) if result[i] != values[i]]
        if wrong:
            raise SystemExit(f"{peer}: node {wrong[0]} is {result[wrong[0]]}, not {values[wrong[0]]}")
    print(seconds)


if __name__ == "__main__":
    main()
