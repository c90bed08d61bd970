"""The engine's side of the worker protocol, for tests: starts a worker and speaks docs/wire.md with it."""

import array
import mmap
import os
import socket
import struct
import subprocess
import sys
import tempfile

SRC = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "src")
sys.path.insert(0, SRC)

from assay import _wire  # noqa: E402
from assay._wire import HEADER, Reader, Writer  # noqa: E402


class Done:
    def __init__(self, attempt, status, usage, outputs, error):
        self.attempt, self.status, self.usage, self.outputs, self.error = attempt, status, usage, outputs, error

    def __repr__(self):
        return "Done(%d, %d, %r, %r)" % (self.attempt, self.status, self.outputs, self.error)


class Gone(Exception):
    """End of file: the worker died."""


class Engine:
    """One worker process. ``command`` is what to run; "FD" in it becomes the socket's number."""

    def __init__(self, command, memory=0, env=None):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)
        self.page_fd = _wire.memfd(4096)
        self.page = mmap.mmap(self.page_fd, 4096)
        struct.pack_into("<I", self.page, 0, 1)
        self.output = tempfile.TemporaryFile()
        os.set_inheritable(theirs.fileno(), True)
        words = [str(theirs.fileno()) if word == "FD" else word for word in command]
        self.process = subprocess.Popen(words, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=subprocess.STDOUT, env=env)
        theirs.close()
        self.reports, self.items, self.next, self.attempts = [], [], 1, 0
        self.temp = tempfile.TemporaryDirectory()
        writer = Writer()
        writer.u32(1)
        writer.body += struct.pack("<Q", memory)
        self.send(_wire.HELLO, writer.body, [self.page_fd])
        kind, body, fds = self.receive()
        assert kind == _wire.READY, kind
        reader = Reader(body, fds)
        assert reader.u32() == 1
        self.pid, self.name = reader.u32(), reader.string()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()
        self.page.close()
        os.close(self.page_fd)
        self.temp.cleanup()

    def text(self):
        """What the worker printed."""
        self.output.seek(0)
        return self.output.read().decode()

    def send(self, kind, body, fds=()):
        data, every = _wire.packet(kind, body, fds)
        self.socket.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", every))] if every else [])
        if len(every) > len(fds):
            os.close(every[0])

    def receive(self):
        data, ancillary, _, _ = self.socket.recvmsg(65536, 4096)
        if not data:
            raise Gone()
        fds = array.array("i")
        for _, _, raw in ancillary:
            fds.frombytes(raw)
        fds = fds.tolist()
        magic, kind, flags, size = HEADER.unpack_from(data)
        assert magic == _wire.MAGIC
        if flags & 1:
            body = os.pread(fds[0], size, 0)
            os.close(fds.pop(0))
        else:
            body = data[HEADER.size:]
        assert len(body) == size
        return kind, body, fds

    def load(self, source, options=(), library=""):
        writer = Writer()
        writer.string(library)
        writer.string(source)
        writer.u32(len(options))
        for option in options:
            writer.string(option)
        self.send(_wire.LOAD, writer.body)
        kind, body, fds = self.receive()
        assert kind == _wire.LOADED, kind
        reader = Reader(body, fds)
        status = struct.unpack("<i", reader.bytes(4))[0]
        text = reader.string()
        reader.finish()
        return status, text

    def invocation(self, writer, task, inputs=(), plugin=0, attempt=1, slot=0, seed=(1, 2, 3, 4), timeout=0,
                   resume=None, secrets=()):
        self.attempts += 1
        temp = os.path.join(self.temp.name, str(self.attempts))
        os.mkdir(temp)
        writer.body += struct.pack("<QIIII", self.attempts, plugin, task, attempt, slot)
        for text in ("flow", "node", "run-1", temp):
            writer.string(text)
        writer.body += struct.pack("<QQQQqq", *seed, 1700000000000000000, timeout)
        writer.value(None)
        writer.u32(len(inputs))
        for value in inputs:
            writer.value(value)
        writer.u8(0 if resume is None else 1)
        if resume is not None:
            writer.blob(resume)
        writer.u32(len(secrets))
        for name, value in secrets:
            writer.string(name)
            writer.string(value)
        return self.attempts

    def start(self, task, *inputs, **options):
        writer = Writer()
        writer.u32(1)
        attempt = self.invocation(writer, task, inputs, **options)
        self.send(_wire.RUN, writer.body, writer.descriptors)
        writer.close()
        return attempt

    def batch(self, task, inputs):
        writer = Writer()
        writer.u32(len(inputs))
        attempts = [self.invocation(writer, task, each, slot=i % 256) for i, each in enumerate(inputs)]
        self.send(_wire.RUN, writer.body, writer.descriptors)
        writer.close()
        return attempts

    def run(self, task, *inputs, **options):
        return self.done(self.start(task, *inputs, **options))

    def done(self, attempt):
        """Reads until the DONE of an attempt; other items are gathered in ``items``."""
        while True:
            for index, item in enumerate(self.items):
                if isinstance(item, Done) and item.attempt == attempt:
                    return self.items.pop(index)
            self.read_report()

    def read_report(self):
        kind, body, fds = self.receive()
        assert kind == _wire.REPORT, kind
        self.reports.append((len(body), fds))
        reader = Reader(body, fds)
        for _ in range(reader.u32()):
            self.items.append(self.item(reader))
        reader.finish()
        for fd in fds:
            os.close(fd)

    def item(self, reader):
        kind = reader.u8()
        attempt = reader.u64()
        if kind == _wire.LOG:
            level = struct.unpack("<i", reader.bytes(4))[0]
            reader.i64()
            return ("log", attempt, level, reader.string())
        if kind == _wire.METRIC:
            name, value, unit, step = reader.string(), struct.unpack("<d", reader.bytes(8))[0], reader.string(), reader.i64()
            reader.i64()
            return ("metric", attempt, name, value, unit, step)
        if kind == _wire.CHECKPOINT:
            return ("checkpoint", attempt, bytes(reader.blob()))
        assert kind == _wire.DONE, kind
        status = struct.unpack("<i", reader.bytes(4))[0]
        usage = (reader.u64(), reader.u64(), reader.u64())
        outputs = [reader.value() for _ in range(reader.u32())]
        error = None
        if reader.u8():
            retryable, number, after = struct.unpack("<iiq", reader.bytes(16))
            error = dict(retryable=retryable, number=number, after=after, domain=reader.string(),
                         message=reader.string(), detail=reader.string(), port=reader.string())
        return Done(attempt, status, usage, outputs, error)

    def attempt_now(self):
        return struct.unpack_from("<Q", self.page, 8)[0]

    def cancel(self, slot, word):
        struct.pack_into("<i", self.page, 1024 + 4 * slot, word)


def fallback(python):
    return [python, "-I", os.path.join(SRC, "assay", "worker.py"), "--socket", "FD"]


def bridge(python, library):
    """Command, shared object and options of the bridge in the C worker; None where that is not built or possible.

    ASSAY_WORKER and ASSAY_PYTHON_BRIDGE name the two binaries.
    """
    worker, shared = os.environ.get("ASSAY_WORKER"), os.environ.get("ASSAY_PYTHON_BRIDGE")
    if not (library and worker and shared and os.path.exists(worker) and os.path.exists(shared)):
        return None
    options = ["libpython=" + library, "python=" + python, "sdk=" + SRC]
    return [worker, "--socket", "FD"], os.path.abspath(shared), options
