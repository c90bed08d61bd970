"""Power cuts, played: all changes of a store are recorded, and the store is put together as a disk might have kept it that
lost its power at some point: what was synchronised is there; of the rest nothing, all, or anything.

The model is harder than file systems are. A name is on disk when its directory was synchronised, and not before (ext4, XFS
and Btrfs write names in order); pages of a file that were not synchronised are kept or lost one by one.
"""
import json
import os
import random
import re
import shutil
import sqlite3

from project import Broken, Project, require

DOCUMENT = """assay 1
use "WORK" as t
workflow w {
  in x: int = 1
  in side: string = ""
  step first = t.grow(x: x)
  step n1    = t.note(x: first.y, path: side)
  step blob  = t.blob(x: n1.y, n: 200000)
  step heavy = t.weigh(x: blob.y)
  step n2    = t.note(x: heavy.y, path: side)
  step text  = t.scribble(x: n2.y, n: 90000)
  step said  = t.recite(x: text.y)
  step pile  = t.pile(x: said.y, n: 3)
  step sum   = t.tally(x: pile.y)
  step n3    = t.note(x: sum.y, path: side)
  step items = t.grow(x: i + n3.y) foreach i in range(8)
  out all: int = sum(items.y)
  out text: file = text.y
}
"""
# Who has to be on disk before a note begins, with `strict`.
BEFORE = {"n1": ["first"], "n2": ["n1", "heavy"], "n3": ["n2", "sum"]}
PAGE = 4096


class File:
    def __init__(self):
        self.base, self.pending, self.touched = bytearray(), [], 0

    def change(self, at, bytes_or_none, index):
        self.pending.append((at, bytes_or_none))
        self.touched = index

    @staticmethod
    def apply(base, at, bytes_or_none):
        if bytes_or_none is None:
            del base[at:]
            base.extend(bytes(at - len(base)))
        else:
            base.extend(bytes(max(0, at - len(base))))
            base[at:at + len(bytes_or_none)] = bytes_or_none

    def synchronise(self):
        for change in self.pending:
            self.apply(self.base, *change)
        self.pending = []

    def image(self, policy, dice):
        base = bytearray(self.base)
        for at, data in self.pending if policy != "none" else []:
            if policy == "all" or data is None:
                if policy == "all" or dice.random() < 0.5:
                    self.apply(base, at, data)
                continue
            # Page by page.
            while data:
                part = min(len(data), PAGE - at % PAGE)
                if dice.random() < 0.5:
                    self.apply(base, at, data[:part])
                at, data = at + part, data[part:]
        return base


class Folder:
    def __init__(self):
        self.base, self.pending = {}, []

    @staticmethod
    def apply(base, name, node):
        if node is None:
            base.pop(name, None)
        else:
            base[name] = node

    def synchronise(self):
        for change in self.pending:
            self.apply(self.base, *change)
        self.pending = []

    def image(self, policy, dice):
        base = dict(self.base)
        kept = {"none": 0, "all": len(self.pending)}.get(policy)
        # Names of one directory are kept in order.
        for change in self.pending[:dice.randint(0, len(self.pending)) if kept is None else kept]:
            self.apply(base, *change)
        return base


class Disk:
    """What is on it after the first changes of a record."""

    def __init__(self, root):
        self.root = Folder()
        self.nodes = {root: self.root}
        self.count = 0

    def take(self, change):
        self.count += 1
        kind, words, data = change
        nodes = self.nodes
        if kind == "C":
            nodes[words[1]] = File()
            nodes[words[0]].pending.append((data, nodes[words[1]]))
        elif kind == "D":
            nodes[words[1]] = Folder()
            nodes[words[0]].pending.append((data, nodes[words[1]]))
        elif kind == "L":
            nodes[words[0]].pending.append((data, nodes[words[1]]))
        elif kind == "U":
            nodes[words[0]].pending.append((data, None))
        elif kind == "R":
            old, new = data
            moved = nodes[words[2]]
            moved.touched = self.count
            nodes[words[0]].pending.append((old, None))
            nodes[words[1]].pending.append((new, moved))
        elif kind == "W":
            nodes[words[0]].change(words[1], data, self.count)
        elif kind == "T":
            nodes[words[0]].change(words[1], None, self.count)
        elif kind == "S":
            nodes[words[0]].synchronise()
        elif kind == "F":
            for node in nodes.values():
                node.synchronise()

    def image(self, target, policy, dice, base_time):
        def place(folder, path):
            os.makedirs(path, exist_ok=True)
            for name, node in folder.image(policy, dice).items():
                inner = path + "/" + name
                if isinstance(node, Folder):
                    place(node, inner)
                elif id(node) in placed:
                    os.link(placed[id(node)], inner)
                # Memory that looks like a file: gone.
                elif not name.endswith("-shm"):
                    with open(inner, "wb") as file:
                        file.write(node.image(policy, dice))
                    if "/artifacts/" in inner:
                        os.chmod(inner, 0o444)
                    moment = base_time + node.touched * 1_000_000
                    os.utime(inner, ns=(moment, moment))
                    placed[id(node)] = inner

        placed = {}
        place(self.root, target)


def read(path):
    """The changes of a record, in order, with marks and notes among them as `M` and `X`."""
    changes = []
    with open(path, "rb") as file:
        while line := file.readline():
            kind, *words = line.decode().rstrip("\n").split(" ")
            if kind in "CDLU":
                last = 1 if kind == "U" else 2
                changes.append((kind, [int(word) for word in words[:last]], " ".join(words[last:])))
            elif kind == "R":
                new = file.readline().decode().rstrip("\n")
                changes.append((kind, [int(word) for word in words[:3]], (" ".join(words[3:]), new)))
            elif kind == "W":
                numbers = [int(word) for word in words]
                changes.append((kind, numbers, file.read(numbers[2])))
            elif kind == "X":
                changes.append((kind, [], file.read(int(words[1])).decode().strip()))
            elif kind == "M":
                changes.append((kind, [], " ".join(words)))
            else:
                changes.append((kind, [int(word) for word in words], None))
    return changes


class Recording:
    """A life of a store under one durability."""

    def __init__(self, build, durability):
        self.build, self.durability = build, durability
        project = Project(build, DOCUMENT)
        try:
            box = os.path.join(project.path, "box")
            os.mkdir(box)
            project.store = box + "/store"
            record = os.path.join(project.path, "record")
            # The same for all who go on: it is an input of the run.
            project.side = os.path.join(build.folder, "side-" + durability)
            shim = dict(LD_PRELOAD=build.shim, SHIM_PATH=box, SHIM_RECORD=record, SHIM_SIDE=project.side,
                        SHIM_BOOT=boot(project, "one"))
            run = ["run", "w.assay", "--json", "--durability", durability, "--set", "side=" + project.side]
            self.outputs = {}
            commands = [
                ("run 1", [*run, "--set", "x=1"]), ("put", ["artifact", "put", "1:text", "kept/text", "--tag", "good"]),
                ("run 2", [*run, "--set", "x=2"]), ("run 3", [*run, "--set", "x=1", "--no-reuse"])]
            for name, command in commands:
                end = project.assay(*command, **shim)
                require(end.code == 0, "recording:", end)
                if name.startswith("run"):
                    self.outputs[name] = end.outputs["all"]
                with open(record, "a") as file:
                    file.write("M %s\n" % name)
            self.root = os.stat(box).st_ino
            self.changes = read(record)
            self.side = project.side
            self.rows = project.committed()
        finally:
            project.close()


def boot(project, name):
    path = os.path.join(project.path, "boot-" + name)
    with open(path, "w") as file:
        file.write("00000000-0000-4000-8000-%012x\n" % sum(name.encode()))
    return path


def cut(recording, count, policy, seed):
    """The power goes after `count` changes."""
    build, durability = recording.build, recording.durability
    dice = random.Random("%s %d %d" % (policy, count, seed))
    disk = Disk(recording.root)
    marks, notes = [], []
    for change in recording.changes[:count]:
        if change[0] == "M":
            marks.append(change[2])
        elif change[0] == "X":
            notes.append(change[2])
        disk.take(change)
    project = Project(build, DOCUMENT)
    try:
        box = os.path.join(project.path, "box")
        project.store = box + "/store"
        disk.image(box, policy, dice, (int(os.stat(project.path).st_mtime) - 3600) * 1_000_000_000)
        promises = durability != "normal"
        if promises:
            project.check_store()
        try:
            record = project.committed()
        except sqlite3.DatabaseError as error:
            raise Broken("the database cannot be read: %s" % error)
        attempts = {key: row for key, row in record.items() if isinstance(key, int)}
        # Whatever is there is a beginning of what was written.
        end = max(attempts, default=0)
        for key, row in recording.rows.items():
            if isinstance(key, int) and key <= end:
                require(attempts.get(key) == row, "a hole in the record:", key, "of", end)
        if promises:
            for mark in marks:
                if mark.startswith("run"):
                    run = int(mark.split()[1])
                    require(record.get(("run", run)) == recording.rows["run", run], "acknowledged and lost:", mark)
                    for key, row in recording.rows.items():
                        require(not isinstance(key, int) or row[0] != run or attempts.get(key) == row, "lost of", mark, key)
                else:
                    listed = project.assay("artifact", "show", "kept/text@good", "--json")
                    require(listed.code == 0, "acknowledged and lost:", mark, listed)
        if durability == "strict":
            done = [row[5] for row in attempts.values() if row[4] is not None]
            for note in notes:
                for step in BEFORE[note]:
                    require(done.count(step) >= notes.count(note), "began before", step, "was on disk:", note)
        # And it goes on, after the machine has started again.
        shim = dict(LD_PRELOAD=build.shim, SHIM_PATH=box, SHIM_BOOT=boot(project, "two"))
        for options in [[], ["--no-reuse"]]:
            run = project.assay(
                "run", "w.assay", "--json", "--set", "side=" + recording.side, "--set", "x=1", *options, **shim)
            require(run.code == 0 and run.outputs["all"] == recording.outputs["run 1"], "does not go on:", run)
        project.check_rest()
    except Broken as failure:
        raise Broken("%s\nreplay: scripts/reliability power --only %s:%d:%s:%d" % (
            failure, durability, count, policy, seed)) from None
    finally:
        project.close()


def cuts(recording, count, seed):
    """Where to cut: after each acknowledgement with nothing that was not synchronised, and `count` times anywhere."""
    dice = random.Random(seed)
    found = [(index + 1, "none", seed) for index, change in enumerate(recording.changes) if change[0] == "M"]
    for index in range(count):
        found.append((
            dice.randint(0, len(recording.changes)), dice.choice(["none", "all", "some", "some", "some"]), seed + index))
    return found
