"""Random workflows whose engine or workers die at a random instant, and go on with `--resume`.

A round is all in its number: the same number gives the same workflow and the same blows (not the same instant: that is up to
the machine). Four rounds share a workflow, and with it the undisturbed run that they are compared with.
"""
import json
import os
import random
import signal
import sqlite3
import time

from project import Broken, Project, require

SHARE = 4


def workflow(seed):
    """A random document: steps of each kind, in one of several shapes."""
    dice = random.Random(seed)
    shape = dice.choice(["chain", "fan", "layers", "any"])
    steps, numbers = [], []

    def some(count=1):
        """An expression over earlier steps."""
        if not numbers:
            return str(dice.randrange(100))
        if shape == "chain":
            return numbers[-1]
        if shape == "fan":
            return "%s + %d" % (numbers[0], dice.randrange(100))
        pool = numbers[-4:] if shape == "layers" else numbers
        return " + ".join(dice.choice(pool) for _ in range(dice.randint(1, count + 1)))

    def add(call, tail="", options=()):
        name = "s%d" % len(steps)
        # Whoever is killed or stopped by us is tried again; so is a worker on a busy machine.
        lines = ["retry 6 on crash, timeout, transient, lost", "backoff 1ms..5ms", "timeout 700ms", *options]
        steps.append("  step %s = %s %s {\n    %s\n  }" % (name, call, tail, "\n    ".join(lines)))
        return name

    for _ in range(dice.randint(4, 9)):
        kind = dice.choice(
            ["grow", "inline", "stumble", "note", "blob", "file", "dir", "items", "blobs", "notes", "fresh", "hog", "die"])
        ms, x = dice.randrange(8), some(2)
        size = dice.choice([10, 5_000, 70_000, 300_000, 1_500_000])
        many = dice.randint(1, 12)
        if kind == "grow":
            numbers.append(add("t.grow(x: %s, ms: %d)" % (x, ms)) + ".y")
        elif kind in ["inline", "fresh"]:
            numbers.append(add("t.grow(x: %s, ms: %d)" % (x, ms), options=["isolation " + kind]) + ".y")
        elif kind == "stumble":
            numbers.append(add("t.stumble(x: %s)" % x) + ".y")
        elif kind == "note":
            numbers.append(add("t.note(x: %s, path: side, ms: %d)" % (x, ms)) + ".y")
        elif kind in ["blob", "die"]:
            stage = dice.randint(1, 4) if kind == "die" else 0
            made = add("t.blob(x: %s, n: %d, stage: %d)" % (x, size, stage))
            numbers.append(add("t.weigh(x: %s.y)" % made) + ".y")
        elif kind == "file":
            made = add("t.scribble(x: %s, n: %d)" % (x, size))
            numbers.append(add("t.recite(x: %s.y)" % made) + ".y")
        elif kind == "dir":
            made = add("t.pile(x: %s, n: %d)" % (x, dice.randint(1, 6)))
            numbers.append(add("t.tally(x: %s.y)" % made) + ".y")
        elif kind == "items":
            made = add("t.grow(x: %s + i, ms: %d)" % (x, ms // 3), "foreach i in range(%d) max 4" % many)
            numbers.append("sum(%s.y)" % made)
        elif kind == "notes":
            made = add("t.note(x: %s + i, path: side)" % x, "foreach i in range(%d)" % many)
            numbers.append("sum(%s.y)" % made)
        elif kind == "blobs":
            made = add("t.blob(x: %s + i, n: %d)" % (x, size // 3), "foreach i in range(%d)" % many)
            made = add("t.weigh(x: b)", "foreach b in %s.y" % made)
            numbers.append("sum(%s.y)" % made)
        else:
            made = add(
                "t.hog(x: 4000)", options=["isolation fresh", "resources memory 96MiB", "on failure skip"])
            numbers.append("(%s.y ?? 5)" % made)
    outputs = ["  out o%d: int = %s" % (index, number) for index, number in enumerate(numbers)]
    return "assay 1\nuse \"WORK\" as t\nworkflow w {\n  in side: string = \"\"\n%s\n%s\n}\n" % (
        "\n".join(steps), "\n".join(outputs))


def options(dice_or_none, project):
    lanes = dice_or_none.choice(["1", "2", "4"]) if dice_or_none else "2"
    durability = dice_or_none.choice(["normal", "full", "full", "strict"]) if dice_or_none else "normal"
    return ["--set", "side=" + project.side, "--parallel", lanes, "--durability", durability, "--grace", "50ms"]


class Reference:
    """The undisturbed run of a workflow."""

    def __init__(self, build, seed):
        self.document = workflow(seed)
        project = Project(build, self.document)
        try:
            began = time.monotonic()
            end = project.end(project.run(*options(None, project)))
            self.seconds = time.monotonic() - began
            require(end.code == 0, "the undisturbed run fails:", end)
            self.outputs = end.outputs
            project.check_rest()
        finally:
            project.close()


class Round:
    def __init__(self, build, number, reference):
        self.dice = random.Random("round %d" % number)
        self.reference = reference
        self.project = Project(build, reference.document)
        # What was on record after each death; and of its notes, how often they had run by then.
        self.kept, self.notes = {}, {}
        self.blows = []

    def notes_run(self):
        try:
            with open(self.project.side) as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def look(self):
        """After a death: everything that ever was on record still is."""
        self.project.await_no_processes()
        self.project.check_store()
        record = self.project.committed()
        for key, row in self.kept.items():
            require(record.get(key) == row, "was on record and is not any more:", key, row)
        self.kept = record
        lines = self.notes_run()
        done = {row[5] for row in record.values() if len(row) == 6 and row[4] is not None}
        for node in done & set(lines):
            times = lines.count(node)
            require(self.notes.get(node, times) == times, "on record, and ran again:", node)
            self.notes[node] = times

    def blow(self, engine):
        """Hits the engine or a worker once, at a random instant; or comes too late."""
        kind = self.dice.choices(["engine", "worker", "stop", "both", "term"], [10, 5, 1, 2, 1])[0]
        # The first third of a run is the start of a program, in which nothing is at stake.
        delay = self.reference.seconds * self.dice.uniform(0.1, 1.15)
        end = time.monotonic() + delay
        while time.monotonic() < end:
            if engine.poll() is not None:
                return
            time.sleep(min(0.002, max(0, end - time.monotonic())))
        self.blows.append("%s after %d ms" % (kind, delay * 1000))
        victims = []
        if kind in ["worker", "stop", "both"]:
            workers = self.project.workers(engine.pid)
            if kind == "stop":
                workers = [worker for worker in workers if self.project.has_loaded(worker)]
            if workers:
                victims.append((self.dice.choice(workers), signal.SIGSTOP if kind == "stop" else signal.SIGKILL))
        if kind in ["engine", "both"]:
            victims.append((engine.pid, signal.SIGKILL))
        if kind == "term":
            victims.append((engine.pid, signal.SIGTERM))
        for process, what in victims:
            try:
                os.kill(process, what)
            except ProcessLookupError:
                pass

    def play(self):
        blows = self.dice.choice([1, 1, 2, 3])
        for attempt in range(12):
            resume = ["--resume"] if self.newest() else []
            engine = self.project.run(*options(self.dice, self.project), *resume)
            if attempt < blows:
                self.blow(engine)
            end = self.project.end(engine)
            self.look()
            if end.code == 0:
                outputs = end.outputs
                break
            # Killed, told to end, or given up after too many blows (7: one fell while a plugin was loading).
            require(self.blows and end.code in [-9, -15, 1, 7, 143], "ends wrongly:", end)
            if self.newest() == "succeeded":
                # The blow came between the last word on record and the last breath: the next run tidies up.
                outputs = json.loads(self.project.assay("runs", "show", "--json").out)["outputs"]
                again = self.project.end(self.project.run(*options(None, self.project)))
                require(again.code == 0 and again.outputs == outputs, "the next run ends otherwise:", again)
                break
        else:
            raise Broken("it never comes to its end")
        require(outputs == self.reference.outputs, "other outputs:", outputs, self.reference.outputs)
        self.project.check_rest()

    def newest(self):
        """The status of the newest run on record."""
        if not os.path.exists(self.project.store + "/trace.db"):
            return None
        database = self.project.database()
        try:
            if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                return None
            row = database.execute("SELECT status FROM runs ORDER BY run DESC LIMIT 1").fetchone()
            return row and row[0]
        finally:
            database.close()


def play(build, number, references):
    seed = number // SHARE
    if seed not in references:
        references[seed] = Reference(build, seed)
    round = Round(build, number, references[seed])
    try:
        round.play()
        return round.blows
    except (Broken, OSError, sqlite3.Error) as failure:
        raise Broken("%s\nblows: %s\n%s" % (failure, round.blows, round.reference.document)) from None
    finally:
        round.project.close()
