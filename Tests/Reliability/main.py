"""scripts/reliability: the trials of crashes, faults and power cuts. See docs/reliability.md."""
import argparse
import concurrent.futures
import sys
import time

import crash
from project import Broken, Build


def crashes(build, options):
    """Rounds in two lanes; those of a workflow stay in one lane, which knows its undisturbed run."""
    if options.only is not None:
        numbers = [options.only]
    else:
        numbers = list(range(options.seed, options.seed + (options.count or 200)))
    groups = {}
    for number in numbers:
        groups.setdefault(number // crash.SHARE, []).append(number)
    blows, failures = [], []

    def group(numbers):
        references = {}
        for number in numbers:
            try:
                blows.extend(crash.play(build, number, references))
            except Broken as failure:
                failures.append(number)
                print("round %d: %s\nreplay: scripts/reliability crash --only %d" % (number, failure, number), flush=True)

    with concurrent.futures.ThreadPoolExecutor(options.lanes) as lanes:
        list(lanes.map(group, groups.values()))
    kinds = {}
    for blow in blows:
        kinds[blow.split()[0]] = kinds.get(blow.split()[0], 0) + 1
    told = ", ".join("%s %d" % kind for kind in sorted(kinds.items()))
    return len(numbers), failures, "%d blows (%s)" % (len(blows), told)


PARTS = {"crash": crashes}


def main():
    parser = argparse.ArgumentParser(prog="scripts/reliability", description=__doc__)
    parser.add_argument("part", choices=[*PARTS, "all"], help="which trials")
    parser.add_argument("count", type=int, nargs="?", help="rounds of `crash` (default 200; the long mode is 2000)")
    parser.add_argument("--seed", type=int, default=0, help="the first round")
    parser.add_argument("--only", type=int, help="replay this round alone")
    parser.add_argument("--lanes", type=int, default=2, help="rounds at a time")
    parser.add_argument("--assay", help="the program (default: .build/debug/assay)")
    options = parser.parse_args()
    build = Build(options.assay)
    failed = False
    try:
        for name in PARTS if options.part == "all" else [options.part]:
            began = time.monotonic()
            count, failures, words = PARTS[name](build, options)
            failed = failed or bool(failures)
            print("%s: %d rounds, %s: %s, %.0f s" % (
                name, count, words, "%d failed" % len(failures) if failures else "0 failed", time.monotonic() - began),
                flush=True)
    finally:
        build.close()
    sys.exit(1 if failed else 0)


main()
