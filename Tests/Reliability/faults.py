"""System calls of the engine on its store that fail, one after the other; a disk without room; a clock that goes back;
bytes that are not what was written."""
import errno
import functools
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile

from project import Broken, Project, attempts, require

# Each way in which the engine writes: rows, logs, large values, files, directories with a private copy, texts.
DOCUMENT = """assay 1
use "WORK" as t
workflow w {
  step first = t.grow(x: 1)
  step other = t.stumble(x: first.y) {
    backoff 1ms
    retry 2
  }
  step items = t.grow(x: i + other.y) foreach i in range(6)
  step blob  = t.blob(x: first.y, n: 300000)
  step heavy = t.weigh(x: blob.y)
  step text  = t.scribble(x: heavy.y, n: 90000)
  step said  = t.recite(x: text.y)
  step pile  = t.pile(x: said.y, n: 3)
  step sum   = t.tally(x: pile.y)
  out all: int = sum(items.y) + heavy.y + said.y + sum.y
  out big: bytes = blob.y
  out text: file = text.y
}
"""


class Fault(Project):
    def __init__(self, build, **extra):
        super().__init__(build, DOCUMENT, **extra)
        self.fired = os.path.join(self.path, "fired")

    def disturbed(self, *arguments, **settings):
        """`assay ARGUMENTS` under the shim."""
        shim = {"SHIM_" + name.upper(): value for name, value in settings.items()}
        return self.assay(*arguments, LD_PRELOAD=self.build.shim, SHIM_PATH=self.store, SHIM_FIRED=self.fired, **shim)

    def what_fired(self):
        try:
            with open(self.fired) as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def has_run(self):
        try:
            database = self.database()
            try:
                return database.execute("SELECT count(*) FROM runs").fetchone()[0] > 0
            finally:
                database.close()
        except sqlite3.Error:
            return False

    def expect_recovery(self, expected):
        """The fault is gone: the store is sound, and the run comes to the same end."""
        self.await_no_processes()
        self.check_store()
        shown = self.assay("runs", "show", "--json")
        succeeded = '"status": "succeeded"' in shown.out
        resume = ["--resume"] if self.has_run() and not succeeded else []
        end = self.assay("run", "w.assay", "--json", *resume)
        require(end.code == 0 and plain(end.outputs) == expected, "does not go on:", end, shown)
        self.check_rest()


def plain(outputs):
    """Without what tells where a file lies."""
    text = json.dumps(outputs, sort_keys=True)
    return re.sub(r'"path": "[^"]*"', "", text)


def undisturbed(build):
    project = Fault(build)
    try:
        end = project.disturbed("run", "w.assay", "--json")
        require(end.code == 0, "the undisturbed run fails:", end)
        return plain(end.outputs)
    finally:
        project.close()


# Which calls fail with what. `+`: from then on all of them.
KINDS = [
    ("write", errno.ENOSPC, "+"), ("write", errno.EIO, ""), ("write", 0, ""), ("sync", errno.EIO, ""),
    ("sync", errno.EIO, "+"), ("name", errno.ENOSPC, "+"), ("name", errno.EIO, ""), ("truncate", errno.EIO, ""),
    ("read", errno.EIO, ""),
]


# What the engine can do without: a note for later, a word for people.
SPARE = ["/digests/", "/index/", "-note", "trace.db.lock", "-shm", "/tmp/run-"]


def one_fault(build, expected, kind, number, stays, nth, durability):
    """Gives whether anything failed."""
    project = Fault(build)
    try:
        end = project.disturbed(
            "run", "w.assay", "--json", "--durability", durability, fail="%s:%d:%d%s" % (kind, nth, number, stays))
        fired = project.what_fired()
        words = "%s, first at %s: %s" % ((kind, number, stays, nth, durability), fired[:1], end)
        if end.code == 0:
            require(plain(end.outputs) == expected, "other outputs:", words)
            short = number == 0
            # A checkpoint of the database may be left for later: what it would have moved is in the log.
            allowed = short or all(any(part in line for part in SPARE + ["trace.db"]) for line in fired)
            # SQLite takes no notice when it cannot synchronise the directory of a new file. The store does it again (fsync).
            allowed = allowed or all(line.startswith("fdatasync ") and line.endswith("/store") for line in fired)
            # What could not be read or named can be had in another way; what could not be written cannot.
            require(allowed or kind in ["read", "name"], "success although:", words)
        else:
            require(end.code == 8 and number != 0, "not the code of the store:", words)
            require(len(end.complaints) == 1, "not one error:", words)
            reasons = ["no space left", "is full", "unable to open"] if number == errno.ENOSPC else ["error", "unable to open"]
            require(any(reason in end.err.lower() for reason in reasons), "does not say why:", words)
        project.expect_recovery(expected)
        return end.code if fired else None
    except Broken as failure:
        raise Broken("%s\nreplay: scripts/reliability faults --only %s:%d:%d%s:%s" % (
            failure, kind, nth, number, stays, durability)) from None
    finally:
        project.close()


def series(build, expected, kind, number, stays, durability, first, step):
    """Each `step`th call of a kind, until none is left to fail: how often it ended how."""
    ends, nth = {}, first
    while True:
        end = one_fault(build, expected, kind, number, stays, nth, durability)
        if end is None:
            return ends
        ends["exit %d" % end] = ends.get("exit %d" % end, 0) + 1
        nth += step


def one_size(build, expected, kilobytes):
    """A file system of this size, which then grows."""
    store = None
    project = Fault(build)
    try:
        store = project.store
        os.mkdir(store)
        mount(["-t", "tmpfs", "-o", "size=%dk" % kilobytes, "tmpfs", store])
        end = project.assay("run", "w.assay", "--json")
        if end.code == 0:
            require(plain(end.outputs) == expected, "other outputs:", end)
        else:
            require(end.code == 8 and len(end.complaints) == 1, "%d KiB: not one error of the store:" % kilobytes, end)
            require(any(word in end.err for word in ["No space left", "is full", "unable to open"]), "does not say why:", end)
        project.await_no_processes()
        mount(["-o", "remount,size=64m", store])
        project.expect_recovery(expected)
        return end.code
    except Broken as failure:
        raise Broken("%s\nreplay: scripts/reliability faults --only size:%d" % (failure, kilobytes)) from None
    finally:
        if store:
            subprocess.run(["umount", "-l", store], stderr=subprocess.DEVNULL)
        project.close()


def mount(arguments):
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def may_mount():
    folder = tempfile.mkdtemp()
    try:
        mount(["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder])
        subprocess.run(["umount", "-l", folder])
        return True
    except (subprocess.CalledProcessError, OSError):
        return False
    finally:
        os.rmdir(folder)


def sizes(build, expected, step):
    """From a disk on which nothing fits to one on which everything does."""
    if not may_mount():
        return {"not possible here: only root may mount": 1}
    ends, kilobytes = {}, 4
    while True:
        end = one_size(build, expected, kilobytes)
        ends["exit %d" % end] = ends.get("exit %d" % end, 0) + 1
        if end == 0:
            return ends
        kilobytes += step


# What a duration or a moment is called in JSON.
TIMES = re.compile("seconds|nanoseconds|took|wall|duration|elapsed|^dur$|^ts$|cpu")


def negatives(json, path=""):
    if isinstance(json, dict):
        for key, value in json.items():
            if isinstance(value, (int, float)) and TIMES.search(key) and value < 0:
                yield "%s/%s = %s" % (path, key, value)
            yield from negatives(value, path + "/" + key)
    elif isinstance(json, list):
        for index, value in enumerate(json):
            yield from negatives(value, "%s[%d]" % (path, index))


def one_clock(build, expected, clock):
    """Under a wall clock that goes back nothing takes less than no time, and everything else is as ever."""
    project = Fault(build)
    try:
        for _ in range(2):
            end = project.disturbed("run", "w.assay", "--json", "--no-reuse", clock=clock)
            require(end.code == 0 and plain(end.outputs) == expected, "clock", clock, end)
            require(not list(negatives(json.loads(end.out))), "negative:", list(negatives(json.loads(end.out))))
            require(not re.search(r"-\d[\d.]*(ns|µs|ms|s|m|h)\b", end.err), "negative:", end)
        database = project.database()
        wrong = sum(one.started <= 0 for one in attempts(database))
        wrong += database.execute("SELECT count(*) FROM runs WHERE finished < started").fetchone()[0]
        database.close()
        require(wrong == 0, "clock", clock, wrong, "records of negative times")
        for command in [["runs", "list"], ["runs", "show"], ["runs", "trace"], ["runs", "logs"], ["artifact", "list"]]:
            for form in [[], ["--json"]] if command[1] != "trace" else [[]]:
                end = project.disturbed(*command, *form, clock=clock)
                require(end.code == 0, "clock", clock, command, end)
                require(not re.search(r"-\d[\d.]*(ns|µs|ms|s|m|h)\b", end.out), "negative:", command, end)
                if form or command[1] == "trace":
                    for text in [end.out] if command[1] != "logs" else end.out.splitlines():
                        found = list(negatives(json.loads(text)))
                        require(not found, "negative:", command, found)
        end = project.disturbed("artifact", "gc", clock=clock)
        require(end.code == 0, "clock", clock, end)
        project.expect_recovery(expected)
    except Broken as failure:
        raise Broken("%s\nreplay: scripts/reliability faults --only clock:%s" % (failure, clock)) from None
    finally:
        project.close()


CLOCKS = ["back:1000000", "back:100000000", "jump:3:3600", "jump:40:3600", "jump:90:86400", "jump:150:5"]


def damage(path, at, bytes):
    os.chmod(path, 0o644)
    with open(path, "r+b") as file:
        file.seek(at)
        before = file.read(len(bytes))
        file.seek(at)
        file.write(bytes)
    return before != bytes


def torn(build, expected, step):
    """Damaged bytes are found and named: artifacts by `verify`, pages of the databases by it or by whoever opens them."""
    original = Fault(build)
    found = {}
    try:
        require(original.assay("run", "w.assay", "--json").code == 0, "the undisturbed run fails")
        require(original.assay("artifact", "put", "1:text", "kept/text").code == 0, "put fails")
        for name in ["trace.db", "names.db"]:
            # Into the database itself: a log that is torn is the past of a power cut, not damage.
            database = sqlite3.connect(original.store + "/" + name)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.close()

        def case(what, path, spoil):
            project = Fault(build)
            try:
                shutil.copytree(original.store, project.store, symlinks=True)
                if not spoil(os.path.join(project.store, path)):
                    return
                end = project.assay("artifact", "verify")
                require(end.code == 8, what, "is not detected:", path, end)
                digest = path.split("sha256/")[-1].replace("/", "")
                require(digest in end.out or path in end.out + end.err, what, "is not named:", path, end)
                found[what] = found.get(what, 0) + 1
                # The commands that read it end in good order.
                runs = [] if what.startswith("artifact") else [["run", "w.assay"]]
                for command in [["runs", "show"], *runs, ["artifact", "list"]]:
                    end = project.assay(*command)
                    require(end.code in [0, 1, 4, 8], what, path, command, end)
                if what.startswith("artifact"):
                    end = project.assay("artifact", "verify", "--discard")
                    require(end.code == 8, what, end)
                    end = project.assay("run", "w.assay", "--json")
                    require(end.code == 0 and plain(end.outputs) == expected, what, "is not made again:", path, end)
            finally:
                project.close()

        root = original.store + "/artifacts/sha256"
        for fan in sorted(os.listdir(root)):
            for name in sorted(os.listdir(root + "/" + fan)):
                path = "artifacts/sha256/%s/%s" % (fan, name)
                size = os.path.getsize(original.store + "/" + path)
                case("artifact with another byte", path, lambda path: damage(path, size // 2, b"\x5a"))
                if size > 1:
                    case("artifact cut off", path, lambda path: os.chmod(path, 0o644) or os.truncate(path, size - 1) or True)
        for name in ["trace.db", "names.db"]:
            pages = os.path.getsize("%s/%s" % (original.store, name)) // 4096
            for page in range(0, pages, step):
                case("page of %s zeroed" % name, name, lambda path: damage(path, page * 4096, bytes(4096)))
            case(name + " cut off", name, lambda path: os.truncate(path, (pages - 1) * 4096) or True)
        return found
    finally:
        original.close()


def jobs(build, expected, step, only=None):
    """What to do, by name; each gives how often what came out. `step`: every how many of the calls, sizes and pages."""
    if only:
        kind, _, rest = only.partition(":")
        if kind == "size":
            return {only: lambda: one_size(build, expected, int(rest))}
        if kind == "clock":
            return {only: lambda: one_clock(build, expected, rest)}
        nth, number, durability = rest.split(":")
        stays = "+" if number.endswith("+") else ""
        return {only: lambda: one_fault(build, expected, kind, int(number.rstrip("+")), stays, int(nth), durability)}
    found = {}
    for index, (kind, number, stays) in enumerate(KINDS):
        for durability in ["full", "strict", "normal"] if step == 1 else ["full"]:
            name = "%s %s%s, %s" % (kind, errno.errorcode.get(number, "short"), stays, durability)
            found[name] = functools.partial(
                series, build, expected, kind, number, stays, durability, 1 + index % step, step)
    found["small disk"] = lambda: sizes(build, expected, 4 * step * step)
    for clock in CLOCKS[::1 if step == 1 else 2]:
        found["clock " + clock] = functools.partial(one_clock, build, expected, clock)
    found["torn"] = lambda: torn(build, expected, step)
    return found
