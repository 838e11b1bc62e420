"""Why there is no component."""

from __future__ import annotations


class BuildError(Exception):
    """In words for the person at the command line. `log` is what the strategy had logged and printed before."""

    def __init__(self, message: str, log: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.log = log
