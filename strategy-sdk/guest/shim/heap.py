"""Leaves the heap without holes when an image is taken.

The C library puts new objects wherever something was freed before. After the preparation there are thousands of such places all
over the memory, so that a call which makes a hundred objects writes to a hundred pages, and each page that a run writes has to
be put back after it. With the holes taken, what is new lies side by side at the heap's end.
"""

from __future__ import annotations

_ROOM = 6 << 20
"""Bytes that are left free at the heap's end, so that a usual run does not have to make the memory grow."""

_LARGEST = 1 << 18
_MOST = 200_000

_taken: list[list[bytes | None]] = []


def close_holes(room: int = _ROOM) -> int:
    """Takes every free place below the heap's end, for good. Returns their number."""
    end = bytes(room)
    first_new = id(end)
    taken: list[bytes | None] = [None] * _MOST
    del end
    count = 0
    for size in _sizes():
        while count < _MOST:
            block = bytes(size)
            if id(block) >= first_new:
                break
            taken[count] = block
            count += 1
    del taken[count:]
    _taken.append(taken)
    return count


def _sizes() -> list[int]:
    """From the largest down to nothing: a large hole is not to be cut up by small blocks."""
    sizes, size = [], _LARGEST
    while size > 1024:
        sizes.append(size)
        size -= size // 16
    return [*sizes, *range(1024, -1, -8)]
