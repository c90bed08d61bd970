"""Runs tasks in a process of the environment's own interpreter: ``python -I worker.py --socket FD``.

The fallback for interpreters without a shared libpython; the engine sees the same protocol (docs/wire.md) as from
the C worker.
"""

import os
import sys

if __name__ == "__main__":  # the SDK beside this file, whatever else is installed
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import mmap
import resource
import signal
import struct
import threading
import time
from typing import Any, List, Optional, Tuple

from assay import _interrupt, _invoke, _load, _memory, _wire
from assay._channel import Channel, close_all
from assay._errors import CONTRACT, Cancelled, ErrorRecord, Failure, record
from assay._wire import Invocation, ProtocolError, Reader, Writer

PAGE = 4096
FLUSH_BYTES, FLUSH_DESCRIPTORS, FLUSH_NS = 32768, 100, 1000000
_U64, _I32 = struct.Struct("<Q"), struct.Struct("<i")
_CANCEL_WORDS = 1024


class Page:
    """The page shared with the engine (docs/wire.md). Only the task's thread and its helpers write."""

    def __init__(self, descriptor: int) -> None:
        if os.fstat(descriptor).st_size < PAGE:
            raise ProtocolError("the shared page is too small")
        self.map = mmap.mmap(descriptor, PAGE)
        self.words = memoryview(self.map).cast("i")
        self.heart = self.sequence = 0

    def attempt(self, number: int) -> None:
        _U64.pack_into(self.map, 8, number)

    def beat(self) -> None:
        self.heart += 1
        _U64.pack_into(self.map, 16, self.heart)

    def progress(self, done: float, total: float, text: str) -> None:
        data = text.encode("utf-8", "replace")[:79].decode("utf-8", "ignore").encode("utf-8")
        self.sequence += 1
        _U64.pack_into(self.map, 24, self.sequence)
        struct.pack_into("<dd80s", self.map, 32, done, total, data)
        self.sequence += 1
        _U64.pack_into(self.map, 24, self.sequence)

    def cancel(self, slot: int) -> int:
        return int(self.words[_CANCEL_WORDS // 4 + slot])


class Buffer:
    """Shared memory that a task fills; sent by its descriptor instead of being copied."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.descriptor = _wire.memfd(size)
        self.map = mmap.mmap(self.descriptor, size)
        self.address = _memory.address(self.map)
        self.is_sealed = False

    def seal(self) -> None:
        """Turns the task's own mapping private, in place, so that the memfd can be sealed against writing."""
        if self.is_sealed:
            return
        import fcntl

        c = _memory.api().ctypes
        libc = c.CDLL(None, use_errno=True)
        libc.mmap.restype = c.c_void_p
        libc.mmap.argtypes = [c.c_void_p, c.c_size_t, c.c_int, c.c_int, c.c_int, c.c_long]
        fixed = 16  # MAP_FIXED
        flags = mmap.MAP_PRIVATE | fixed
        where = libc.mmap(self.address, self.size, mmap.PROT_READ | mmap.PROT_WRITE, flags, self.descriptor, 0)
        if where != self.address:
            raise OSError(c.get_errno(), "a buffer cannot be sealed")
        fcntl.fcntl(self.descriptor, _wire._ADD_SEALS, _wire._SEALS)
        self.is_sealed = True


class Run:
    """The host's side of a Context."""

    def __init__(self, worker: "Worker", call: Invocation) -> None:
        self.worker, self.call = worker, call
        self.attempt, self.workflow, self.node, self.run_id = call.attempt, call.workflow, call.node, call.run_id
        self.temp_dir, self.seed, self.unix_ns, self.resume = call.temp_dir, call.seed, call.unix_ns, call.resume
        self.deadline_ns = time.monotonic_ns() + call.timeout_ns if call.timeout_ns else 0

    def cancelled(self) -> bool:
        return self.worker.page.cancel(self.call.slot) != 0

    def log(self, level: int, text: str) -> None:
        with self.worker.report() as report:
            report.log(self.call.attempt_id, level, time.time_ns(), text)
        if level >= 2:
            self.worker.flush()

    def metric(self, name: str, value: float, unit: str, step: int) -> None:
        with self.worker.report() as report:
            report.metric(self.call.attempt_id, name, value, unit, step, time.time_ns())

    def progress(self, done: float, total: float, text: str) -> None:
        _interrupt.hold()
        try:
            with self.worker.lock:
                self.worker.page.progress(done, total, text)
                self.worker.page.beat()
            self.worker.flush_if_old()
        finally:
            _interrupt.release()

    def checkpoint(self, data: bytes) -> None:
        with self.worker.report() as report:
            report.checkpoint(self.call.attempt_id, data)
        self.worker.flush()

    def secret(self, name: str) -> Optional[str]:
        return self.call.secrets.get(name)

    def buffer(self, size: int) -> memoryview:
        made = Buffer(size)
        self.worker.buffers.append(made)
        return memoryview(made.map)


class Report:
    """The report under construction, used under the worker's lock and without interruption."""

    def __init__(self, worker: "Worker") -> None:
        self.worker = worker

    def __enter__(self) -> Writer:
        _interrupt.hold()
        self.worker.lock.acquire()
        self.worker.count += 1
        return self.worker.writer

    def __exit__(self, *_: Any) -> None:
        self.worker.lock.release()
        try:
            self.worker.flush_if_old()
        finally:
            _interrupt.release()


class Worker:
    def __init__(self, descriptor: int) -> None:
        self.channel = Channel(descriptor)
        self.page: Any = None
        self.plugins: List[Optional[_load.Plugin]] = []
        self.lock = threading.RLock()
        self.buffers: List[Buffer] = []
        self.writer = Writer(self.shared)
        self.count, self.since = 0, time.monotonic_ns()
        self.current: Optional[Invocation] = None
        self.process = os.getpid()
        self._report = Report(self)

    # ---- reports ----

    def report(self) -> Report:
        return self._report

    def flush_if_old(self) -> None:
        writer = self.writer
        if self.count and (len(writer.body) > FLUSH_BYTES or len(writer.descriptors) > FLUSH_DESCRIPTORS
                           or time.monotonic_ns() - self.since > FLUSH_NS):
            self.flush()

    def flush(self) -> None:
        _interrupt.hold()
        try:
            self._flush()
        finally:
            _interrupt.release()

    def _flush(self) -> None:
        with self.lock:
            self.since = time.monotonic_ns()
            if not self.count:
                return
            writer, count = self.writer, self.count
            self.writer, self.count = Writer(self.shared), 0
            self.page.beat()
            try:
                self.channel.send(_wire.REPORT, struct.pack("<I", count) + writer.body, writer.descriptors)
            finally:
                writer.close()

    def shared(self, data: Any) -> Optional[Tuple[int, int]]:
        """The descriptor (a new one) and offset of memory that a task's Context.buffer made."""
        if not self.buffers:
            return None
        where = _memory.address(data)
        for made in self.buffers:
            if made.address <= where and where + data.nbytes <= made.address + made.size:
                made.seal()
                return os.dup(made.descriptor), where - made.address
        return None

    # ---- packets ----

    def serve(self) -> None:
        while True:
            received = self.channel.receive()
            if received is None:
                return
            kind, body, descriptors = received
            try:
                reader = Reader(body, descriptors)
                if kind == _wire.RUN and self.page is not None:
                    batch = reader.run()
                elif kind == _wire.HELLO and self.page is None:
                    self.hello(reader)
                    continue
                elif kind == _wire.LOAD and self.page is not None:
                    self.load(reader)
                    continue
                elif kind == _wire.BYE:
                    reader.finish()
                    return
                else:
                    raise ProtocolError("packet of kind %d was not expected" % kind)
            finally:
                close_all(descriptors)
            del reader, body
            while batch:
                self.run(batch.pop(0))
            self.page.attempt(0)
            self.flush()

    def hello(self, reader: Reader) -> None:
        version, memory = reader.u32(), reader.u64()
        reader.finish()
        if version != 1:
            raise ProtocolError("the engine speaks version %d, this worker version 1" % version)
        if len(reader.descriptors) != 1:
            raise ProtocolError("HELLO carries one descriptor")
        self.page = Page(reader.descriptors[0])
        if memory:
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            limit = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        _interrupt.install()
        threading.Thread(target=self.watch, name="assay-cancel", daemon=True).start()
        writer = Writer()
        writer.u32(1)
        writer.u32(self.process)
        writer.string("python %d.%d.%d" % sys.version_info[:3])
        self.channel.send(_wire.READY, writer.body)

    def load(self, reader: Reader) -> None:
        reader.string()  # the shared object that other workers would load
        source = reader.string()
        for _ in range(reader.count()):
            reader.string()
        reader.finish()
        writer = Writer()
        try:
            plugin = _load.load(source)
            text = _load.document(plugin)
            self.plugins.append(plugin)
            writer.i32(0)
        except _load.LoadError as error:
            self.plugins.append(None)
            text = str(error)
            writer.i32(-1)
        writer.string(text)
        _invoke.flush()
        self.channel.send(_wire.LOADED, writer.body)

    # ---- attempts ----

    def run(self, call: Invocation) -> None:
        wall, cpu = time.monotonic_ns(), time.process_time_ns()
        self.current = call
        self.page.attempt(call.attempt_id)
        outputs, error = self.attempt(call)
        if os.getpid() != self.process:
            os._exit(70)  # a child that the task forked must not answer in its parent's place
        _invoke.flush()
        usage = (time.monotonic_ns() - wall, time.process_time_ns() - cpu,
                 resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        with self._report as report:
            if error is None:
                error = self.answer(report, call, usage, outputs)
            if error is not None:
                report.failed(call.attempt_id, usage, error)
        while self.buffers:
            os.close(self.buffers.pop().descriptor)

    def attempt(self, call: Invocation) -> Tuple[Any, Optional[ErrorRecord]]:
        try:
            try:
                plugin = self.plugins[call.plugin] if call.plugin < len(self.plugins) else None
                if plugin is None or call.task >= len(plugin.tasks):
                    raise IndexError("there is no task %d in plugin %d" % (call.task, call.plugin))
                task = plugin.tasks[call.task]
                _interrupt.begin(call.attempt_id)
                if self.page.cancel(call.slot):  # after begin(): an interruption that came too early is seen here
                    raise Cancelled("cancelled before it started")
                outputs = _invoke.invoke(task, call.inputs, Run(self, call))
                _interrupt.end()
                return outputs, None
            except BaseException as error:
                _interrupt.end()
                return None, record(error)
        except BaseException as error:  # the interruption came while another error was being handled
            return None, record(error)

    def answer(self, report: Writer, call: Invocation, usage: Any, outputs: Any) -> Optional[ErrorRecord]:
        """Writes the DONE item; if an output cannot be written, takes it back and returns why."""
        size, descriptors = len(report.body), len(report.descriptors)
        try:
            report.done(call.attempt_id, usage, outputs)
            return None
        except Exception as error:
            del report.body[size:]
            while len(report.descriptors) > descriptors:
                os.close(report.descriptors.pop())
            found = record(error)
            if isinstance(error, (Failure, OSError, MemoryError)):
                return found
            return found._replace(status=CONTRACT, domain="contract", message="an output is broken: " + found.message)

    def watch(self) -> None:
        """Waits on the running slot's cancel word and interrupts the task when it becomes 2. A thread of its own."""
        wait = _futex(self.page.map)
        while True:
            call = self.current
            slot = 0 if call is None else call.slot
            word = self.page.cancel(slot)
            if word == 2 and call is not None:
                _interrupt.interrupt(call.attempt_id)  # again until it was raised: a signal may come at a bad moment
            wait(_CANCEL_WORDS + 4 * slot, word)


def _futex(page: Any) -> Any:
    """``wait(offset, value)``: until the word changes, at most 50 ms (the running slot may become another one)."""
    number = {"x86_64": 202, "aarch64": 98, "riscv64": 98}.get(os.uname().machine)
    try:
        import ctypes
    except ImportError:
        number = None
    if number is None:
        return lambda offset, value: time.sleep(0.05)

    class Timespec(ctypes.Structure):
        _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]

    limit = Timespec(0, 50000000)
    block = (ctypes.c_char * PAGE).from_buffer(page)
    base = ctypes.addressof(block)
    call = ctypes.CDLL(None).syscall
    call.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
                     ctypes.c_int]

    def wait(offset: int, value: int, block: Any = block) -> None:
        call(number, base + offset, 0, value, ctypes.byref(limit), None, 0)

    return wait


def _die_with_parent() -> None:
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
    except (ImportError, OSError, AttributeError):
        pass  # end of file on the socket still ends an idle worker
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def main(arguments: List[str]) -> int:
    if len(arguments) != 2 or arguments[0] != "--socket" or not arguments[1].isdigit():
        sys.stderr.write("usage: worker.py --socket FD\n")
        return 64
    _die_with_parent()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # whoever started us may have blocked what interrupts a task
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")
    try:
        Worker(int(arguments[1])).serve()
    except ProtocolError as error:
        sys.stderr.write("assay worker: protocol error: %s\n" % error)
        return 70
    except OSError as error:
        sys.stderr.write("assay worker: %s\n" % error)
        return 71
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    import atexit

    atexit._run_exitfuncs()
    _invoke.flush()
    os._exit(status)  # without tearing the interpreter down under native threads
