"""Event logs in pm4py: loaded without a complaint, and with the directly-follows counts that are ours.

usage: mining.py LOGS ASSAY. LOGS is what the tests of `LogsTests` left with ASSAY_KEEP_LOGS; ASSAY is the program."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
import pm4py  # noqa: E402  AGPL: for tests by hand, never shipped and never imported by what is

DOCUMENT = """assay 1
use std.text as text
workflow main {
  in names: list<string> = ["Ada", "Grace"]
  in separator: string = " "
  step each = text.greet(name: name) @acquisition foreach name in names
  step all = text.join(texts: each.text, separator: separator) @preparation
  step words = text.count(text: all.text) @development
  out words: int = words.words
}
"""
failures = []


def expect(holds, what):
    print(("ok    " if holds else "WRONG ") + what)
    if not holds:
        failures.append(what)


def named(counts):
    return {f"{a} > {b}": int(n) for (a, b), n in counts.items()}


def by_start(frame):
    """pm4py orders by the end of events; visits of phases that overlap are counted by their beginning."""
    frame = frame.sort_values(["case:concept:name", "start_timestamp"], kind="stable")
    counts = {}
    for _, case in frame.groupby("case:concept:name", sort=False):
        names = list(case["concept:name"])
        for pair in zip(names, names[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return named(counts)


def of_xes(path):
    frame = pm4py.read_xes(str(path))
    return named(pm4py.discover_dfg(frame)[0]), frame


def of_ocel(path):
    log = pm4py.read_ocel2_json(str(path))
    return named(pm4py.discover_dfg(pm4py.ocel_flattening(log, "line"))[0]), log


def main():
    logs, assay = pathlib.Path(sys.argv[1]), os.path.abspath(sys.argv[2])
    expected = json.loads((logs / "expected.json").read_text())
    expect(of_xes(logs / "phases.xes")[0] == expected, "simulated project, XES: directly-follows counts")
    expect(of_ocel(logs / "phases.json")[0] == expected, "simulated project, OCEL: directly-follows counts")
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "a.assay").write_text(DOCUMENT)

        def run(*arguments):
            return subprocess.run([assay, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout

        # Each run changes one thing: the work goes back to where it comes in.
        for names, separator in [('["Ada"]', " "), ('["Ada"]', ", "), ('["Eve"]', ", "), ('["Eve"]', "; "), ('["Bob"]', "; ")]:
            run("run", "a.assay", "--set", f"names={names}", "--set", f"separator={separator}", "--progress", "none", "-j", "1")
        for kind in ("phases", "tasks"):
            run("export", "ocel", f"--{kind}", "--output", f"{kind}.json")
            run("export", "xes", f"--{kind}", "--output", f"{kind}.xes")
            xes, frame = of_xes(place / f"{kind}.xes")
            ocel, log = of_ocel(place / f"{kind}.json")
            expect(xes == ocel, f"small store, {kind}: both formats tell the same")
            plain = pathlib.Path(__file__).parent.parent / "Fixtures/logs/directly_follows.py"
            ours = json.loads(
                subprocess.run([sys.executable, plain, place / f"{kind}.xes"], check=True, capture_output=True, text=True).stdout)
            expect(by_start(frame) == ours and len(ours) > 1, f"small store, {kind}: directly-follows counts, {sum(ours.values())} in all")
        run("export", "ocel", "--output", "all.json")
        log = pm4py.read_ocel2_json(str(place / "all.json"))
        types = set(pm4py.ocel_get_object_types(log))
        expect({"line", "run", "task", "person"} <= types, f"small store, all of it: objects are {sorted(types)}")
        expect(len(pm4py.discover_ocdfg(log)["activities"]) > 5, "small store, all of it: an object-centric graph")
    sys.exit(1 if failures else 0)


main()
