"""The run's log: `logger`, stdlib `logging`, `print`, `sys.stdout` and `sys.stderr` all end there."""

from __future__ import annotations

import builtins
import io
import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any

from shim.errors import clean, format_own, is_own, text_of

# The host keeps 64 KiB a run; a longer line only costs fuel at the boundary.
_MAX_LINE = 65536

Write = Callable[[str, str], None]
"""Takes a level of `wit/logging.wit` by name, and a line."""


def level_name(number: int) -> str:
    """The level of the boundary for a level of the standard library."""
    for least, name in ((50, "critical"), (40, "error"), (30, "warning"), (20, "info")):
        if number >= least:
            return name
    return "debug"


class RunLogHandler(logging.Handler):
    """Writes records as they come, so that those before a trap are kept."""

    silent = False
    """True while the runtime warms up."""

    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        line = _message(record)
        if record.exc_info and record.exc_info[1] is not None:
            line = f"{line}\n{format_own(record.exc_info[1])}"
        level, line = level_name(record.levelno), clean(line, _MAX_LINE)
        if not RunLogHandler.silent:
            self._write(level, line)


def _message(record: logging.LogRecord) -> str:
    """A wrong format string is worth a line, not a failed run."""
    try:
        return record.getMessage()
    except Exception as error:
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        return f"{template} (cannot be formatted: {text_of(error)})"


class Printed(io.TextIOBase):
    """A stream whose lines go to the run's log. What is not ended by a line break waits for `flush_rest`."""

    encoding = "utf-8"

    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write = write
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        *lines, rest = (self._rest + text).split("\n")
        for line in lines:
            self._write("print", clean(line, _MAX_LINE))
        self._rest = rest[:_MAX_LINE]
        return len(text)

    def flush_rest(self) -> None:
        """Ends a line that was left open."""
        if self._rest:
            self.write("\n")


def install(write: Write) -> Callable[[], None]:
    """Leads everything that is logged and printed to `write`. Returns what ends open lines."""
    root = logging.getLogger()
    root.handlers[:] = [RunLogHandler(write)]
    root.setLevel(logging.DEBUG)
    # There is one thread and one process, and asking which costs a line a sixth more.
    for name in ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks"):
        setattr(logging, name, False)
    # asyncio would report each task that a strategy left unfinished; the loop does that in the tenant's terms.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)

    warnings.showwarning = _show_warning  # type: ignore[assignment]
    stdout, stderr = Printed(write), Printed(write)
    sys.stdout = sys.__stdout__ = stdout  # type: ignore[misc,assignment]
    sys.stderr = sys.__stderr__ = stderr  # type: ignore[misc,assignment]
    builtins.print = _make_print(stdout)

    def flush() -> None:
        for stream in (stdout, stderr):
            if stream._rest:
                stream.flush_rest()

    return flush


def _show_warning(message: Any, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
    """A warning as a line of the log, with its place where that is the tenant's own."""
    place = f"{filename}:{lineno}: " if is_own(filename) else ""
    logging.getLogger("warnings").warning("%s%s: %s", place, category.__name__, message)


def _make_print(stdout: Printed) -> Callable[..., None]:
    """A print that writes once: the built-in one writes each piece on its own, at seven times the fuel."""
    original = builtins.print

    def print(*values: Any, sep: str | None = " ", end: str | None = "\n", file: Any = None, flush: bool = False) -> None:
        if (file or sys.stdout) is not stdout:
            return original(*values, sep=sep, end=end, file=file, flush=flush)
        stdout.write((" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end))
        return None

    return print
