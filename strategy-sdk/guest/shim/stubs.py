"""What a strategy cannot do says so, and what to do instead.

This is politeness, not security: behind each of these stands the host, which gives no file, socket, process or signal.
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, Never

NO_FILES = "a strategy has no file system: keep data in contact.internal_data or contact.results"
NO_PROCESSES = "a strategy cannot start processes"
NO_SOCKETS = "a strategy has no sockets: use `from stratagem import http`"
NO_SIGNALS = "a strategy has no signals"
NO_THREADS = "a strategy runs on one thread: call the function, or use asyncio.gather over the SDK's functions"
NO_WAIT = "nobody can end this wait: a strategy runs on one thread"
NO_EXIT = "end a strategy with `return contact`, or raise an exception"
NO_INPUT = "a strategy cannot ask for input: the contact's answers come as messages"
NO_DEBUGGER = "there is no debugger in the strategy runtime: use logger.debug"

_FILE_NOT_FOUND = 44  # ENOENT of WASI, as the interpreter itself would raise it.
MAX_RECURSION = 1000  # Within the host's 2 MiB of stack every recursion in Python ends as RecursionError.

_STUBS: list[tuple[Any, str, type[Exception], str]] = [
    (builtins, "breakpoint", RuntimeError, NO_DEBUGGER),
    (builtins, "exit quit", RuntimeError, NO_EXIT),
    (builtins, "input", OSError, NO_INPUT),
    (os, "system popen fork forkpty execv execve execvp spawnl spawnv spawnve posix_spawn", OSError, NO_PROCESSES),
    (os, "_exit abort", RuntimeError, NO_EXIT),
    (os, "kill killpg", OSError, NO_SIGNALS),
    (signal, "signal", ValueError, NO_SIGNALS),  # asyncio.run takes a ValueError for an answer.
    (signal, "raise_signal alarm setitimer pause", OSError, NO_SIGNALS),
    (socket, "create_connection create_server getaddrinfo gethostbyname gethostbyname_ex", OSError, NO_SOCKETS),
    (socket.socket, "__init__", OSError, NO_SOCKETS),
    (subprocess, "run call check_call check_output getoutput getstatusoutput", OSError, NO_PROCESSES),
    (subprocess.Popen, "__init__", OSError, NO_PROCESSES),
    (threading.Thread, "start", RuntimeError, NO_THREADS),
    (threading.Condition, "wait", RuntimeError, NO_WAIT),
]


def install() -> None:
    """Puts the stubs in place. To be done once, when the runtime is built, after everything is imported."""
    for owner, names, error, reason in _STUBS:
        for name in names.split():
            setattr(owner, name, _stub(name, error, reason))
    for name in ("help", "license", "credits", "copyright"):
        vars(builtins).pop(name, None)
    builtins.open = io.open = os.open = _open  # type: ignore[assignment]
    time.sleep = _sleep  # type: ignore[assignment]
    _limit_recursion()


def _stub(name: str, error: type[Exception], reason: str) -> Any:
    def stub(*args: Any, **kwargs: Any) -> Never:
        raise error(reason)

    stub.__name__ = stub.__qualname__ = name
    return stub


def _open(file: Any, *args: Any, **kwargs: Any) -> Never:
    raise FileNotFoundError(_FILE_NOT_FOUND, NO_FILES, file if isinstance(file, (str, bytes)) else None)


def _sleep(seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds > 0:
        raise RuntimeError(
            f"time.sleep({seconds:g}) is not available in a strategy: plan a communication with a later start_date"
        )


def _limit_recursion() -> None:
    original = sys.setrecursionlimit

    def setrecursionlimit(limit: int, /) -> None:
        original(min(limit, MAX_RECURSION))

    original(MAX_RECURSION)
    sys.setrecursionlimit = setrecursionlimit
