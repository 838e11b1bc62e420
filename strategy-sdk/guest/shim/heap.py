"""Leaves the heap without holes when an image is taken.

The C library puts new objects wherever something was freed before, and the interpreter keeps the last freed objects of many types
and gives them out again. After the preparation, and again after a source was loaded, there are thousands of such places all over the
memory, so that a call which makes a hundred objects writes to a hundred pages, and each page that a run writes has to be put back
after it. With the places taken, what is new lies side by side at the end.
"""

from __future__ import annotations

import contextvars
import gc
from collections.abc import Callable
from functools import partial
from operator import mul
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, TracebackType

_LARGEST = 1 << 18
_taken: list[tuple[object, ...]] = []


def close_holes(room: int) -> None:
    """Takes every free place below the heap's end, for good, and leaves `room` bytes at the end: with too few, a usual run
    would have to make the memory grow.
    """
    first_new = _end(room)
    taken: list[object] = []
    for size in _SIZES:
        while id(block := bytes(size)) < first_new:
            taken.append(block)
    _taken.append(tuple(taken))


def renew_freed() -> None:
    """Takes the freed objects that the interpreter keeps, for good, and leaves it some that lie side by side at the heap's end."""
    first_new = _end(1 << 16)
    taken: list[object] = []
    fresh: list[object] = []
    for _ in range(_FRESH):
        for kind in _KEPT:
            while id(made := kind()) < first_new:
                taken.append(made)
            fresh.append(made)
    # What these loops themselves have freed.
    taken += iter([]), iter([]), iter(range(_FRESH))
    _taken.append(tuple(taken))
    # Those that are freed last are given out first.
    del made, fresh


def _end(room: int) -> int:
    """Where what is new will lie from now on, with room for so many bytes."""
    return id(bytes(room))


def _sizes() -> list[int]:
    """From the largest down: a large hole is not to be cut up by small blocks. Shorter ones than 8 are not made anew each time."""
    sizes, size = [], _LARGEST
    while size > 1024:
        sizes.append(size)
        size -= size // 16
    return [*sizes, *range(1024, 7, -8)]


_SIZES = _sizes()


class _Method:
    def call(self) -> None:
        pass


_METHOD, _NUMBER = _Method(), 1000

_FRESH = 8
"""Freed objects of each kind that are left to be given out."""

_KEPT: list[Callable[[], object]] = [
    lambda: _NUMBER + 1,
    lambda: _NUMBER + 0.5,
    lambda: _NUMBER + 1j,
    lambda: [_NUMBER],
    lambda: iter([]),
    lambda: {_NUMBER: _NUMBER},
    lambda: (_NUMBER,),
    lambda: iter(()),
    lambda: slice(_NUMBER),
    lambda: range(_NUMBER),
    lambda: iter(range(_NUMBER)),
    lambda: _METHOD.call,
    lambda: _taken.append,
    contextvars.Context,
    *(partial(mul, (None,), length) for length in range(2, 21)),
]
"""Makes an object of each kind of which the interpreter keeps freed ones and runs make many (CPython 3.14,
`Include/internal/pycore_freelist_state.h`).
"""

_FLEETING = (FrameType, GeneratorType, CoroutineType, AsyncGeneratorType, TracebackType, BaseException)
"""Types of objects that do something when nobody refers to them any more, or that hold on to such."""


def addresses() -> list[int]:
    """Where every object is that is alive and may stay so for good: of all that the collector knows, and what those refer to. Among
    them are a few places where objects were made while looking.

    Takes a second and leaves the heap in disorder: for an instance that is thrown away.
    """
    end = id(bytes(_LARGEST))
    seen: set[int] = set()
    gc.unfreeze()
    found: list[int] = []
    waiting: list[object] = [gc.get_objects()]
    while waiting:
        for referent in _referents(waiting.pop()):
            address = id(referent)
            if address not in seen:
                seen.add(address)
                waiting.append(referent)
                if address < end and not isinstance(referent, _FLEETING):
                    found.append(address)
    return found


def _referents(holder: object) -> list[object]:
    if type(holder) is dict:
        # The collector does not ask a dict for keys that are texts.
        return [*holder, *holder.values()]
    if type(holder) is CodeType:
        # Nor a code object for anything.
        return [holder.co_consts, holder.co_names, holder.co_linetable, holder.co_exceptiontable, holder.co_qualname]
    return gc.get_referents(holder)
