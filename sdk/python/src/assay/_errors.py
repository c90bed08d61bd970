"""How a task says that it failed, and how any exception becomes one clean error record."""

import errno
import os
import sys
import traceback
from typing import List, NamedTuple, Optional

# Status codes of the plugin ABI (assay.h).
OK, FAILED, TRANSIENT, INPUT, CANCELLED, RESOURCE, UNSUPPORTED, CONTRACT = 0, -1, -2, -3, -4, -5, -6, -7

_SDK = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    """The task could not do its work, said in words for a person.

    code         dotted name that ``retry on`` matches, such as ``io.timeout``
    retryable    True: another attempt may succeed; False: it never will; None: the engine decides
    retry_after  seconds to wait before the next attempt
    port         the input or output that it is about
    detail       anything long
    number       the task's own number: an errno, an HTTP status
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "failed",
        retryable: Optional[bool] = None,
        retry_after: Optional[float] = None,
        port: str = "",
        detail: str = "",
        number: int = 0,
    ) -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after
        self.port = port
        self.detail = detail
        self.number = number
        self.status = TRANSIENT if retryable else FAILED


class Cancelled(BaseException):
    """The engine asked this attempt to stop. Let it pass; clean up in ``finally``."""


class DeclarationError(TypeError):
    """A task is declared in a way that the engine cannot understand."""


class ContractError(Failure):
    """The task returned something other than it declared."""

    def __init__(self, message: str, port: str = "") -> None:
        super().__init__(message, code="contract", retryable=False, port=port)
        self.status = CONTRACT


class InputError(Failure):
    """An input cannot be turned into what the task declared."""

    def __init__(self, message: str, port: str = "", detail: str = "") -> None:
        super().__init__(message, code="input", retryable=False, port=port, detail=detail)
        self.status = INPUT


class ErrorRecord(NamedTuple):
    """``assay_error`` of the ABI; the bridge and the wire send its fields in this order."""

    status: int
    retryable: int  # 1 yes, 0 no, -1 let the status decide
    domain_code: int
    retry_after_ms: int  # -1: the engine's own back-off
    domain: str
    message: str
    detail: str
    port: str


def record(error: BaseException) -> ErrorRecord:
    """The error record of any exception that left a task. Never raises."""
    if isinstance(error, Failure):
        retryable = -1 if error.retryable is None else int(bool(error.retryable))
        cause = error.__cause__
        detail = error.detail or (_trace(cause) if cause is not None else "")
        return ErrorRecord(
            error.status, retryable, _i32(error.number), _milliseconds(error.retry_after), str(error.code),
            _one_line(error.message), detail, str(error.port or ""),
        )
    if isinstance(error, Cancelled):
        return ErrorRecord(CANCELLED, 0, 0, -1, "cancelled", _one_line(str(error) or "cancelled"), "", "")
    name = type(error).__name__
    status, number = FAILED, 0
    message = _message(error)
    if isinstance(error, MemoryError):
        status, message = RESOURCE, "out of memory" + (": " + message if message else "")
    elif isinstance(error, SystemExit):
        message = "the task called sys.exit(%r)" % (error.code,)
    elif isinstance(error, OSError):
        number = error.errno or 0
        if number in (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            status = RESOURCE
    text = name + (": " + message if message else "")
    return ErrorRecord(status, -1, _i32(number), -1, "python." + name, _one_line(text), _trace(error), "")


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # a broken __str__ must not hide the error
        return "(its message cannot be shown)"


def _one_line(text: str) -> str:
    return _clean(" ".join(text.split())[:2000])


def _clean(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\0")


def _trace(error: BaseException) -> str:
    """The traceback without the SDK's own frames, at most 32 KiB."""
    try:
        return _clean("".join(_frames(error))[-32768:])
    except BaseException:  # hostile __str__, recursion limit, no memory: the message alone has to do
        return ""


def _frames(error: BaseException) -> List[str]:
    trace = error.__traceback__
    while trace is not None and _inside_sdk(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return traceback.format_exception(type(error), error, trace, limit=64)


def _inside_sdk(path: str) -> bool:
    return os.path.dirname(path) == _SDK or path.startswith("<frozen importlib")


def _milliseconds(seconds: Optional[float]) -> int:
    try:
        return -1 if seconds is None else max(0, min(int(seconds * 1000), 1 << 53))
    except (TypeError, ValueError, OverflowError):
        return -1


def _i32(number: object) -> int:
    return number if isinstance(number, int) and -(1 << 31) <= number < 1 << 31 else 0


def load_message(error: BaseException, path: str) -> str:
    """Why the file ``path`` could not be loaded: one line, then the traceback."""
    if isinstance(error, SyntaxError):
        place = "%s:%s" % (error.filename or path, error.lineno or "?")
        return "%s: syntax error: %s\n%s" % (place, error.msg, _trace(error))
    if isinstance(error, DeclarationError):
        return "%s: %s" % (path, error)
    text = type(error).__name__ + ": " + _message(error)
    if isinstance(error, ModuleNotFoundError):
        text += " (interpreter: %s)" % sys.executable
    return "%s: %s\n%s" % (path, _one_line(text), _trace(error))
