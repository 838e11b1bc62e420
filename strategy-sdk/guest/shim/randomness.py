"""`random` begins anew in each run, when somebody first draws from it.

Its state is part of the image: without this, every run would draw the same numbers. Seeding takes a tenth of a small run, and
most strategies draw nothing.
"""

from __future__ import annotations

import os
import random
from typing import Any

_urandom = os.urandom


class RunRandom(random.Random):
    """The generator behind the functions of `random`."""

    _begun = True

    def begin(self) -> None:
        """The next draw is the first of a run."""
        self._begun = False

    def _begin(self) -> None:
        if not self._begun:
            self.seed(int.from_bytes(_urandom(32)))

    def random(self) -> float:
        self._begin()
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        self._begin()
        return super().getrandbits(k)

    def seed(self, *args: Any, **kwargs: Any) -> None:
        self._begun = True
        super().seed(*args, **kwargs)

    def getstate(self) -> Any:
        self._begin()
        return super().getstate()

    def setstate(self, state: Any) -> None:
        self._begun = True
        super().setstate(state)

    def gauss(self, *args: Any, **kwargs: Any) -> float:
        # It keeps every second number for the next call.
        self._begin()
        return super().gauss(*args, **kwargs)


def install() -> RunRandom:
    """Puts one behind the functions of `random`, and returns it."""
    generator = RunRandom()
    old = random._inst
    for name, value in list(vars(random).items()):
        if getattr(value, "__self__", None) is old:
            setattr(random, name, getattr(generator, name))
    random._inst = generator
    return generator
