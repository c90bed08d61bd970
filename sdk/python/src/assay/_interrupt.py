"""Ends a running task from outside: a signal to the main thread, whose handler raises Cancelled there.

A signal also wakes the task out of sleeping and of blocking system calls. Native loops that never return to the
interpreter cannot be ended this way; the engine kills the process after its grace period.
"""

import signal
import threading
from typing import Any, Optional

from ._errors import Cancelled

SIGNAL = signal.SIGUSR2

_running = 0  # the attempt that may be interrupted, 0: none
_wanted = 0
_held = 0  # depth of sections that must not be torn apart
_pending = False
_thread: Optional[int] = None  # identifier of the thread that runs tasks, when it can take the signal


def install() -> None:
    """Called once on the thread that will run the tasks. Without effect outside the main thread."""
    global _thread
    if threading.current_thread() is threading.main_thread():
        signal.signal(SIGNAL, _raise)
        _thread = threading.get_ident()


def _raise(number: int, frame: Any) -> None:
    global _running, _pending
    if not _running or _running != _wanted:
        return
    if _held:
        _pending = True
        return
    _running = 0  # at most once per attempt
    raise Cancelled("cancelled while running")


def hold() -> None:
    """From here to ``release`` the task's thread is not interrupted; an interruption waits for the end."""
    global _held
    if threading.get_ident() == _thread:
        _held += 1


def release() -> None:
    global _held, _pending, _running
    if threading.get_ident() != _thread:
        return
    _held -= 1
    if _pending and not _held:
        _pending = False
        if _running:
            _running = 0
            raise Cancelled("cancelled while running")


def begin(attempt: int) -> None:
    global _running
    _running = attempt


def end() -> None:
    global _running, _pending
    _running = 0
    _pending = False


def interrupt(attempt: int) -> None:
    """Raises Cancelled in the task if that attempt still runs. Called from any other thread."""
    global _wanted
    if _running != attempt:
        return
    _wanted = attempt
    if _thread is not None:
        signal.pthread_kill(_thread, SIGNAL)
