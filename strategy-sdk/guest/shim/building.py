"""While a compiled strategy is built there is no host yet: its log is kept for the tenant, its requests are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shim.logs import Write
from stratagem import http
from stratagem.http import ConnectError, Request

NO_HOST = "the strategy is being built, and its top level runs once: make requests in the function that is called"


class Log:
    """Keeps the build's lines. From `pass_on` on, lines go to the host."""

    def __init__(self, host: Write) -> None:
        self.lines: list[tuple[str, str]] = []
        self._host: Write | None = None
        self._later = host

    def write(self, level: str, line: str) -> None:
        if self._host is None:
            self.lines.append((level, line))
        else:
            self._host(level, line)

    def pass_on(self) -> None:
        """The build has ended."""
        self.lines.clear()
        self._host = self._later


class Refusing:
    """A transport without a network."""

    def send(self, requests: Sequence[Request]) -> list[ConnectError]:
        return [ConnectError(f"{request.url}: {NO_HOST}") for request in requests]


@contextmanager
def without_host() -> Iterator[None]:
    """Requests are refused meanwhile: there is nobody to make them, and trying would end the build without a word."""
    before = http.use(Refusing())
    try:
        yield
    finally:
        http.use(before)
