"""Leaves the heap without holes when an image is taken.

The C library puts new objects wherever something was freed before. After the preparation, and again after a source was loaded,
there are thousands of such places all over the memory, so that a call which makes a hundred objects writes to a hundred pages,
and each page that a run writes has to be put back after it. With the holes taken, what is new lies side by side at the end.
"""

from __future__ import annotations

import gc
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
)

_LARGEST = 1 << 18
_taken: list[tuple[bytes, ...]] = []


def close_holes(room: int) -> int:
    """Takes every free place below the heap's end, for good, and leaves `room` bytes at the end: with too few, a usual run
    would have to make the memory grow. Returns the number of places.
    """
    end = bytes(room)
    first_new = id(end)
    del end
    taken = []
    for size in _SIZES:
        while id(block := bytes(size)) < first_new:
            taken.append(block)
    _taken.append(tuple(taken))
    return len(taken)


def _sizes() -> list[int]:
    """From the largest down: a large hole is not to be cut up by small blocks. Shorter ones than 8 are not made anew each time."""
    sizes, size = [], _LARGEST
    while size > 1024:
        sizes.append(size)
        size -= size // 16
    return [*sizes, *range(1024, 7, -8)]


_SIZES = _sizes()


_LASTING = (
    type, CodeType, FunctionType, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType, GetSetDescriptorType,
    MemberDescriptorType, CellType, property, classmethod, staticmethod, tuple, str, int, float, bytes,
)  # fmt: skip
"""Types of objects that code is made of: used all the time, and never changed. Not those that hold what changes."""


def addresses() -> list[int]:
    """Where every object of a lasting type is that is alive: of all that the collector knows, and what those refer to.

    Takes a second and leaves the heap in disorder: for an instance that is thrown away. What is made while looking must not be
    taken for what was there: the interpreter keeps the last freed objects of many types and gives them out again, so that these
    are taken first; what is made after that lies beyond the end.
    """
    taken = [_one_of_each(number) for number in range(200)]
    end = id(bytes(_LARGEST))
    seen = {id(taken), *(id(each) for some in taken for each in (some, *some))}
    gc.unfreeze()
    found: list[int] = []
    waiting: list[object] = [gc.get_objects()]
    while waiting:
        for referent in _referents(waiting.pop()):
            address = id(referent)
            if address not in seen:
                seen.add(address)
                waiting.append(referent)
                if isinstance(referent, _LASTING) and address < end:
                    found.append(address)
    return found


def _one_of_each(number: int) -> list[object]:
    some: list[object] = [float(number), 1000 + number, 1j * number, [number], {number: number}, {number}, iter([]), iter(())]
    some += [slice(number, None), range(number), iter(range(number)), some.append, _referents.__get__(some)]
    return some + [tuple(range(size)) for size in range(1, 21)]


def _referents(holder: object) -> list[object]:
    if type(holder) is dict:
        # The collector does not ask a dict for keys that are texts.
        return [*holder, *holder.values()]
    if type(holder) is CodeType:
        # Nor a code object for anything.
        return [holder.co_consts, holder.co_names, holder.co_linetable, holder.co_exceptiontable, holder.co_qualname]
    return gc.get_referents(holder)
