"""Lays the code that every run uses side by side.

CPython counts, in the code itself, how often an instruction came upon what it has no short way for. So a run writes to nearly every
function that it calls, and each page that a run writes has to be put back after it. Where they were loaded, functions lie scattered
among all that was loaded with them: a decision wrote to fifty pages of code. Made anew one after the other, they take a dozen.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from types import CodeType, FunctionType

from shim import heap


def gather(run: Callable[[], None], times: int) -> list[FunctionType]:
    """Calls `run` so often, and makes the code anew to which that wrote. Returns the functions that have it."""
    functions = [each for each in gc.get_objects() if type(each) is FunctionType]
    written = _written_by(run, times, [code for function in functions for code in _all_in(function.__code__)])
    # Else each would go into another hole.
    heap.close_holes(1 << 16)
    new: dict[int, CodeType] = {}
    for code in written.values():
        _anew(code, written, new)
    remade = [function for function in functions if id(function.__code__) in new]
    for function in remade:
        function.__code__ = new[id(function.__code__)]
    return remade


def _written_by(run: Callable[[], None], times: int, codes: list[CodeType]) -> dict[int, CodeType]:
    """By id, the most often written first. Not asked of a profiler: that would leave its mark on all code, in every image."""
    written: Counter[int] = Counter()
    for _ in range(times):
        before = [_state(code) for code in codes]
        run()
        written.update(id(code) for code, state in zip(codes, before, strict=True) if _state(code) != state)
    by_id = {id(code): code for code in codes}
    return {at: by_id[at] for at, _ in written.most_common()}


def _state(code: CodeType) -> int:
    """Of the instructions with what is noted among them (CPython 3.14)."""
    return hash(code._co_code_adaptive)  # type: ignore[attr-defined]


def _all_in(code: CodeType) -> list[CodeType]:
    """The code, and that of functions which it makes."""
    return [code, *(each for const in code.co_consts if type(const) is CodeType for each in _all_in(const))]


def _anew(code: CodeType, written: dict[int, CodeType], new: dict[int, CodeType]) -> CodeType:
    """The same code as another object, with that of functions which it makes. Both ids are those of the old objects."""
    if id(code) not in new:
        consts = tuple(_anew(const, written, new) if id(const) in written else const for const in code.co_consts)
        new[id(code)] = code.replace(co_consts=consts)
    return new[id(code)]
