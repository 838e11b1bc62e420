from __future__ import annotations

import builtins
import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator

from conftest import Run
from shim import logs

Lines = list[tuple[str, str]]


@contextlib.contextmanager
def installed() -> Iterator[tuple[Lines, Callable[[], None]]]:
    """Everything led to a list, and led back afterwards."""
    root = logging.getLogger()
    handlers, level, asyncio_level = root.handlers[:], root.level, logging.getLogger("asyncio").level
    streams = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__
    before_print, show = builtins.print, warnings.showwarning
    lines: Lines = []
    yield lines, logs.install(lambda level, line: lines.append((level, line)))
    sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__ = streams  # type: ignore[misc]
    builtins.print, warnings.showwarning = before_print, show
    root.handlers[:], root.level = handlers, level
    logging.getLogger("asyncio").setLevel(asyncio_level)


def test_every_level_reaches_the_log(run: Run) -> None:
    source = """
import logging
def run(contact, existing_contact, logger):
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(logger, level)("%s of %d", level, 5)
    logger.log(logging.INFO, "by number")
    logging.warning("by the standard library")
    logging.getLogger("mine").debug("by a logger of its own")
    return contact
"""
    _, lines = run(source)
    assert lines == [
        ("debug", "debug of 5"),
        ("info", "info of 5"),
        ("warning", "warning of 5"),
        ("error", "error of 5"),
        ("critical", "critical of 5"),
        ("info", "by number"),
        ("warning", "by the standard library"),
        ("debug", "by a logger of its own"),
    ]


def test_exception_appends_the_tenants_lines(run: Run) -> None:
    source = "def run(c, e, logger):\n    try:\n        1/0\n    except ZeroDivisionError:\n        logger.exception('oh')\n    return c"
    _, [(level, line)] = run(source)
    assert level == "error"
    assert line.startswith("oh\nTraceback") and 'File "strategy.py", line 3' in line and line.endswith("division by zero")


def test_arguments_that_do_not_fit_cost_no_run(run: Run) -> None:
    _, lines = run("def run(c, e, logger):\n    logger.info('%d', 'x')\n    logger.info('\\ud800')\n    return c")
    assert lines[0][1].startswith("%d (cannot be formatted")
    assert lines[1][1] == "\\ud800"


def test_print_writes_lines() -> None:
    with installed() as (lines, flush):
        print("a", 1, sep="-")
        print("b\nc")
        print("open", end="")
        print(" line", file=sys.stdout, flush=True)
        sys.stderr.write("error\n")
        print("rest", end="")
        flush()
    assert lines == [("print", text) for text in ("a-1", "b", "c", "open line", "error", "rest")]


def test_a_long_line_is_cut() -> None:
    with installed() as (lines, _):
        print("x" * 1_000_000)
    assert len(lines) == 1 and len(lines[0][1].encode()) <= 65536


def test_print_goes_where_it_is_told() -> None:
    target = io.StringIO()
    with installed() as (lines, _):
        with contextlib.redirect_stdout(target):
            print("kept")
        print("too", file=target)
    assert target.getvalue() == "kept\ntoo\n" and lines == []


def test_warnings_are_lines() -> None:
    with installed() as (lines, _):
        warnings.showwarning("old", DeprecationWarning, "strategy.py", 3)
    assert lines == [("warning", "strategy.py:3: DeprecationWarning: old")]
