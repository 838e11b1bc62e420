"""A tenant's exception as what crosses the boundary: kind, message, and the way to it through the tenant's own lines.

Nothing here trusts the exception: its class may lie about its name, `str()` may raise, exit or give 10 MB.
"""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from traceback import TracebackException
from types import TracebackType

MAX_KIND, MAX_TEXT, MAX_FRAMES = 256, 8192, 50
_CUT = " … (cut)"

# The base classes' own descriptors: an exception's class may answer attribute access with whatever it likes.
_class_name = type.__dict__["__name__"].__get__
_traceback = BaseException.__dict__["__traceback__"].__get__
_set_traceback = BaseException.__dict__["__traceback__"].__set__
_cause = BaseException.__dict__["__cause__"].__get__
_context = BaseException.__dict__["__context__"].__get__
_members = BaseExceptionGroup.__dict__["exceptions"].__get__


_own_files: set[str] = set()
"""Names of the tenant's modules, as their code objects have them."""


def own_files(paths: Iterable[str]) -> None:
    """Says which files are the tenant's: their lines are shown, those of all others are not."""
    _own_files.clear()
    _own_files.update(paths)


def is_own(filename: str) -> bool:
    """Whether a code object of that file name is the tenant's."""
    return filename in _own_files


class MissingFunction(Exception):
    """The source has no function of the entry point's name."""


class UnsuitableModule(Exception):
    """A module of the strategy has a name that it cannot have."""


class UnsuitableFunction(TypeError):
    """The entry point declares a parameter that the runtime does not give."""


class StrategyWaits(RuntimeError):
    """The strategy waits for something that cannot happen within a run."""


for _own in (MissingFunction, UnsuitableModule, UnsuitableFunction, StrategyWaits):
    _own.__module__ = "stratagem"  # As tracebacks show them.


@dataclass(frozen=True)
class Failure:
    """`strategy-error` of `wit/types.wit`."""

    kind: str
    message: str
    traceback: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None


def describe(error: BaseException) -> Failure:
    """What is known about an exception. Never raises."""
    try:
        return _describe(error)
    except BaseException:
        # Only a strategy that has replaced built-in functions comes here.
        return Failure("Exception", "the strategy failed in a way that cannot be described")


def _describe(error: BaseException) -> Failure:
    kind = clean(_kind(error), MAX_KIND)
    message = clean(text_of(error), MAX_TEXT)
    try:
        if isinstance(error, MemoryError):
            # The tenant's frames still hold the memory that is missing.
            traceback.clear_frames(_traceback(error))
        own = [_keep_own_frames(one) for one in _with_causes(error)]
        traceback_text = _formatted(error) if any(own) or _is_own_syntax(error) else None
        return Failure(kind, message, traceback_text, *_place(error))
    except BaseException:
        return Failure(kind, message)


def format_own(error: BaseException) -> str:
    """Traceback and message, as `logger.exception` appends them. Never raises."""
    failure = describe(error)
    return failure.traceback or f"{failure.kind}: {failure.message}"


def text_of(error: BaseException) -> str:
    """`str(error)`, whatever that does; for a `SyntaxError` without the place, which is told beside it."""
    try:
        return str(error.msg) if _is_own_syntax(error) else str(error)  # type: ignore[attr-defined]
    except BaseException as problem:
        return f"<its text cannot be had: str() raised {_kind(problem)}>"


def clean(value: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8; lone surrogates, which would abort the guest at the boundary, written out."""
    value = str.__str__(value)
    raw = value[:limit].encode("utf-8", "backslashreplace")
    if len(raw) <= limit and len(value) <= limit:
        return raw.decode()
    return raw[: limit - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT


def _kind(error: BaseException) -> str:
    name: str = _class_name(type(error))
    return name


def _is_own_syntax(error: BaseException) -> bool:
    return type(error) in (SyntaxError, IndentationError, TabError) and is_own(error.filename)  # type: ignore[attr-defined]


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, those that led to it, and the members of groups, each once."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [_cause(one), _context(one)]
        if isinstance(one, BaseExceptionGroup):
            waiting += _members(one)


def _keep_own_frames(error: BaseException) -> bool:
    """Shortens the exception's traceback to the tenant's frames, the first 10 and the last 40 of many. True if any.

    Done before Python formats it: a summary of each of 1,000 frames would cost a fifth of a run's fuel.
    """
    own = []
    tb = _traceback(error)
    while tb is not None:
        if is_own(tb.tb_frame.f_code.co_filename):
            own.append(tb)
        tb = tb.tb_next
    if len(own) > MAX_FRAMES:
        own = own[:10] + own[-(MAX_FRAMES - 10) :]
    kept: TracebackType | None = None
    for frame in reversed(own):
        kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    _set_traceback(error, kept)
    return bool(own)


def _place(error: BaseException) -> tuple[str | None, int | None, int | None]:
    """File, line and column, both counted from 1."""
    if _is_own_syntax(error):
        return error.filename, _position(error.lineno), _position(error.offset)  # type: ignore[attr-defined]
    tb = _traceback(error)
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    if tb is not None:
        return tb.tb_frame.f_code.co_filename, tb.tb_lineno, _column(tb)
    if isinstance(error, (UnsuitableFunction, StrategyWaits)):
        return getattr(error, "file", None), getattr(error, "line", None), None
    return None, None, None


def _column(tb: TracebackType) -> int | None:
    """In characters; the interpreter counts bytes from 0."""
    positions = next(islice(tb.tb_frame.f_code.co_positions(), tb.tb_lasti // 2, None), None)
    if positions is None or positions[2] is None:
        return None
    source = linecache.getline(tb.tb_frame.f_code.co_filename, tb.tb_lineno)
    return len(source.encode()[: positions[2]].decode("utf-8", "ignore")) + 1


def _position(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 2**32 else None


def _formatted(error: BaseException) -> str:
    """The traceback as Python writes it."""
    summary = TracebackException(type(error), error, _traceback(error), compact=True)
    _shorten_texts(summary)
    lines: list[str] = []
    size = 0
    for chunk in summary.format():
        lines.append(chunk)
        size += len(chunk)
        if size > MAX_TEXT:
            break
    return clean("".join(lines).rstrip("\n"), MAX_TEXT)


def _shorten_texts(summary: TracebackException) -> None:
    """Cuts messages and notes before they are put together: of 10 MB, 8 KiB are kept."""
    waiting: list[TracebackException | None] = [summary]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        one._str = clean(one._str, MAX_TEXT)  # type: ignore[attr-defined]
        if isinstance(one.__notes__, list):
            one.__notes__ = [clean(note, MAX_TEXT) for note in one.__notes__[:MAX_FRAMES] if isinstance(note, str)]
        waiting += [one.__cause__, one.__context__, *(one.exceptions or ())]
