"""The trials of crashes, faults, power cuts and upgrades: docs/reliability.md."""
import argparse
import concurrent.futures
import sys
import time

import crash
import faults
import power
import upgrade
from project import Broken, Build


class Tally:
    """What came out, counted; failures are told at once."""

    def __init__(self):
        self.count, self.failed, self.words = 0, 0, {}

    def fail(self, words):
        self.failed += 1
        print(words, flush=True)

    def add(self, words, count=1):
        self.words[words] = self.words.get(words, 0) + count


def crashes(build, options, tally):
    """Rounds of a workflow stay in one lane, which knows its undisturbed run."""
    numbers = range(options.seed, options.seed + (options.count or (2000 if options.long else 200)))
    if options.only:
        numbers = [int(options.only)]
    groups = {}
    for number in numbers:
        groups.setdefault(number // crash.SHARE, []).append(number)

    def group(numbers):
        references = {}
        for number in numbers:
            tally.count += 1
            try:
                for blow in crash.play(build, number, references):
                    tally.add(blow.split()[0])
            except Broken as failure:
                tally.fail("round %d: %s\nreplay: scripts/reliability crash --only %d" % (number, failure, number))

    return [lambda numbers=numbers: group(numbers) for numbers in groups.values()]


def faulty(build, options, tally):
    expected = faults.undisturbed(build)
    step = 1 if options.long else options.count or 11
    jobs = faults.jobs(build, expected, step, options.only)
    if not options.only:
        jobs["newer version"] = lambda: upgrade.upgrades(build, expected, step)

    def work(name, job):
        try:
            found = job() or {}
            for what, count in found.items() if isinstance(found, dict) else []:
                tally.count += count
                tally.add("%s: %s" % (name, what), count)
            if not found:
                tally.count += 1
        except Broken as failure:
            tally.count += 1
            tally.fail("%s: %s" % (name, failure))

    return [lambda name=name, job=job: work(name, job) for name, job in jobs.items()]


def power_cuts(build, options, tally):
    if options.only:
        durability, count, policy, seed = options.only.split(":")
        wanted = {durability: [(int(count), policy, int(seed))]}
    else:
        wanted = {durability: None for durability in ["full", "strict", "normal"]}
    jobs = []
    for durability, given in wanted.items():
        recording = power.Recording(build, durability)
        tally.add("%s: changes recorded" % durability, len(recording.changes))
        count = options.count or (1000 if options.long else 10)
        for cut in given or power.cuts(recording, count, options.seed):
            def work(recording=recording, cut=cut):
                tally.count += 1
                tally.add("%s: cuts" % recording.durability)
                try:
                    power.cut(recording, *cut)
                except Broken as failure:
                    tally.fail("cut: %s" % failure)
            jobs.append(work)
    return jobs


PARTS = {"crash": crashes, "faults": faulty, "power": power_cuts}


def main():
    parser = argparse.ArgumentParser(prog="scripts/reliability", description=__doc__)
    parser.add_argument("part", choices=[*PARTS, "all"], help="which trials")
    parser.add_argument("count", type=int, nargs="?",
                        help="crash: rounds (200); faults: every how many of the calls (11); power: random cuts of each durability (10)")
    parser.add_argument("--long", action="store_true", help="2000 rounds, each call, 1000 cuts of each durability")
    parser.add_argument("--seed", type=int, default=0, help="other rounds and cuts")
    parser.add_argument("--only", help="replay this one, as a failure says it")
    parser.add_argument("--lanes", type=int, default=2, help="at a time (2)")
    parser.add_argument("--assay", help="the program (.build/debug/assay)")
    options = parser.parse_args()
    build = Build(options.assay)
    failed = 0
    try:
        for name in PARTS if options.part == "all" else [options.part]:
            began = time.monotonic()
            tally = Tally()
            with concurrent.futures.ThreadPoolExecutor(options.lanes) as lanes:
                for work in [lanes.submit(job) for job in PARTS[name](build, options, tally)]:
                    work.result()
            failed += tally.failed
            for words, count in sorted(tally.words.items()):
                print("  %-40s %6d" % (words, count))
            print("%s: %d tried, %d failed, %.0f s" % (name, tally.count, tally.failed, time.monotonic() - began), flush=True)
    finally:
        build.close()
    sys.exit(1 if failed else 0)


main()
