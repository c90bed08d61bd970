"""A project in a folder of its own, the built `assay` in it, and what must be true of its store at any time."""
import collections
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Nothing that is waited for takes so long; what does is a failure.
PATIENCE = 150


class Broken(Exception):
    """Something that was promised is not so."""


def require(fact, *words):
    if not fact:
        raise Broken(" ".join(str(word) for word in words))


class Build:
    """The parts of the trials, compiled once for all rounds."""

    def __init__(self, assay=None):
        self.assay = assay or os.environ.get("ASSAY_BINARY") or os.path.join(ROOT, ".build/debug/assay")
        if not os.access(self.assay, os.X_OK):
            raise SystemExit("reliability: %s is not built: swift build" % self.assay)
        self.folder = tempfile.mkdtemp(prefix="assay-reliability-")
        self.plugin = self.compile("work.c", "libwork.so", ["-pthread", "-I", os.path.join(ROOT, "sdk/c/include")])
        self.shim = self.compile("shim.c", "shim.so", ["-ldl"])
        self.cache = os.path.join(self.folder, "cache")

    def compile(self, source, name, options):
        output = os.path.join(self.folder, name)
        command = ["cc", "-std=gnu11", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", os.path.join(HERE, source)]
        subprocess.run(command + ["-o", output] + options, check=True)
        return output

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class End:
    """How a command ended. `code`: its exit code, or minus the signal."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return "exit %d\n--- stdout\n%s\n--- stderr\n%s" % (self.code, self.out[-2000:], self.err[-3000:])

    @property
    def complaints(self):
        return [line for line in self.err.splitlines() if line.startswith("error")]

    @property
    def outputs(self):
        return json.loads(self.out)["outputs"]


class Packed:
    """Bytes as `Packing` packs them."""

    def __init__(self, content):
        self.content, self.place = content, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.content[self.place]
            self.place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def piece(self, count=None):
        count = self.number() if count is None else count
        self.place += count
        return self.content[self.place - count:self.place]

    def __bool__(self):
        return self.place < len(self.content)


def plan_paths(database, plan):
    """The paths of the steps of a plan, as `PlanRecord` packs them; `plan`: the digests of its parts."""
    paths = []
    for at in range(0, len(plan), 32):
        part, = database.execute("SELECT steps FROM plan_parts WHERE digest = ?", (plan[at:at + 32],)).fetchone()
        require(hashlib.sha256(part).digest() == plan[at:at + 32], "a part of a plan is not what its name says")
        packed, path = Packed(part), b""
        while packed:
            if packed.number():
                packed.piece(), packed.piece(), packed.piece()  # phase, isolation, reuse
            path = path[:packed.number()] + packed.piece()
            paths.append(path.decode())
            packed.number()  # task
            for _ in range(2 * packed.number()):
                packed.number()  # needs
            packed.piece()  # wiring
    return paths


Attempt = collections.namedtuple("Attempt", "seq run node step item attempt started wall cpu key outputs")


def attempts(database):
    """The attempts on record, as `AttemptsCodec` packs them."""
    found = []
    for first, last, run, row in database.execute("SELECT seq, last, run, attempts FROM attempts ORDER BY seq"):
        require(not found or found[-1].seq < first, "attempts overlap at", first)
        packed, seq = Packed(row), first
        while packed:
            flags, node, step, attempt, started, wall, cpu, _memory, _process = (packed.number() for _ in range(9))
            item = packed.piece().decode()
            key = packed.piece(32) if flags & 2 else None
            packed.piece(32 * packed.number())  # arguments
            outputs = None
            if flags & 4:
                values = []
                for _ in range(packed.number()):
                    count = packed.number()
                    values.append(packed.piece(count - 1) if count else None)
                outputs = tuple(values)
            found.append(Attempt(seq, run, node, step, item, attempt, started, wall, cpu, key, outputs))
            seq += 1
        require(seq == last + 1, "attempts", first, "to", last, "are", seq - first)
    return found


class Project:
    def __init__(self, build, document, store=None):
        self.build = build
        self.path = tempfile.mkdtemp(prefix="assay-round-")
        self.store = store or os.path.join(self.path, "store")
        self.side = os.path.join(self.path, "side")
        # One path for all projects of a build, so that the same document means the same task keys.
        self.write("w.assay", document.replace("WORK", build.plugin))
        self.children = []

    def write(self, name, text):
        with open(os.path.join(self.path, name), "w") as file:
            file.write(text)

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        for process in self.processes():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        subprocess.run(["chmod", "-R", "u+rwX", self.path], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.path, ignore_errors=True)

    # Commands

    def begin(self, *arguments, **extra):
        environment = dict(os.environ, ASSAY_STORE=self.store, ASSAY_CACHE=self.build.cache, ASSAY_PROGRESS="none")
        environment.update(extra)
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        child = subprocess.Popen(
            [self.build.assay, *arguments], cwd=self.path, env=environment, stdin=subprocess.DEVNULL, stdout=out,
            stderr=err)
        child.files = out, err
        self.children.append(child)
        return child

    def end(self, child):
        try:
            code = child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise Broken("it does not end: " + str(self.words(child, None)))
        return self.words(child, code)

    def words(self, child, code):
        texts = []
        for file in child.files:
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
            file.close()
        return End(-99 if code is None else code, *texts)

    def assay(self, *arguments, **extra):
        return self.end(self.begin(*arguments, **extra))

    def run(self, *options, **extra):
        return self.begin("run", "w.assay", "--json", *options, **extra)

    # Processes

    def processes(self):
        """Live processes of this project: they carry its store in their environment."""
        mark = ("ASSAY_STORE=%s" % self.store).encode()
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                with open("/proc/%s/environ" % name, "rb") as file:
                    if mark in file.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass
        return found

    def workers(self, engine):
        found = []
        for process in self.processes():
            try:
                with open("/proc/%d/stat" % process) as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == engine:
                found.append(process)
        return found

    def has_loaded(self, worker):
        """Whether it has the plugin: before that its own limit of two minutes counts, not that of a step."""
        try:
            with open("/proc/%d/maps" % worker) as file:
                if self.build.plugin not in file.read():
                    return False
        except OSError:
            return False
        time.sleep(0.02)
        return True

    def await_no_processes(self):
        end = time.monotonic() + 30
        while True:
            left = self.processes()
            if not left:
                return
            require(time.monotonic() < end, "processes are left:", left)
            time.sleep(0.002)

    # The record

    def database(self, name="trace.db"):
        path = "%s/%s" % (self.store, name)
        # Who dies while it makes the file leaves a journal, which a reader may not roll back.
        mode = "rw" if os.path.exists(path + "-journal") else "ro"
        return sqlite3.connect("file:%s?mode=%s" % (path, mode), uri=True, timeout=10)

    def committed(self):
        """What is on record as done: rows that must never change or go away again."""
        if not os.path.exists(self.store + "/trace.db"):
            return {}
        database = self.database()
        try:
            if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                return {}
            paths = {run: plan_paths(database, plan) for run, plan in database.execute("SELECT run, plan FROM runs")}
            rows = [
                (one.seq, one.run, one.node, one.attempt, one.key, one.outputs, paths[one.run][one.step] + one.item)
                for one in attempts(database)]
            ended = database.execute("SELECT run, status, started FROM runs WHERE status <> 'running'").fetchall()
        finally:
            database.close()
        record = {row[0]: row[1:] for row in rows}
        record.update({("run", row[0]): row[1:] for row in ended})
        return record

    def check_store(self):
        """What holds at any instant, also after a sudden death."""
        root = self.store + "/artifacts/sha256"
        present = set()
        for fan in os.listdir(root) if os.path.isdir(root) else []:
            for name in os.listdir("%s/%s" % (root, fan)):
                path = "%s/%s/%s" % (root, fan, name)
                with open(path, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
                require(digest == fan + name, "half-written: artifact", fan + name)
                require(os.stat(path).st_mode & 0o222 == 0, "artifact", fan + name, "can be written")
                present.add(digest)
        for name in ["trace.db", "names.db"]:
            if not os.path.exists(self.store + "/" + name):
                continue
            database = self.database(name)
            try:
                verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
                require(verdict == "ok", name, verdict)
                if name == "trace.db" and database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                    for digest, in database.execute("SELECT DISTINCT digest FROM artifacts"):
                        require(digest.hex() in present, "on record, but not in the store: artifact", digest.hex())
                    results = collections.Counter(
                        (one.run, one.node) for one in attempts(database) if one.outputs is not None)
                    twice = [node for node, count in results.items() if count > 1]
                    require(not twice, "two results of one node:", twice)
            finally:
                database.close()
        return present

    def check_rest(self):
        """What holds once the last engine has ended in good order."""
        self.await_no_processes()
        self.check_store()
        for folder in ["tmp", "sessions"]:
            left = os.listdir("%s/%s" % (self.store, folder))
            require(not left, "left in %s:" % folder, left)
        verified = self.assay("artifact", "verify")
        require(verified.code == 0, "verify:", verified)
