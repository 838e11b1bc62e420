"""The host's interfaces as the shim uses them. The only file, beside the two apps, that sees the generated bindings.

Whatever the boundary cannot carry (a lone surrogate, a wrong type) would abort the guest: only checked values get here.
"""

from __future__ import annotations

from collections.abc import Sequence

from componentize_py_types import Err
from wit_world.imports import http as wit_http
from wit_world.imports import logging as wit_logging
from wit_world.imports.types import StrategyError

from shim.errors import Failure
from stratagem.http import (
    Answer,
    ConnectError,
    HttpLimit,
    InvalidRequest,
    Request,
    RequestDenied,
    RequestError,
    TimeoutException,
)
from stratagem.http._request import build

_LEVELS = {level.name.lower(): level for level in wit_logging.Level}

_ERRORS: dict[type, type[RequestError]] = {
    wit_http.HttpError_Invalid: InvalidRequest,
    wit_http.HttpError_Denied: RequestDenied,
    wit_http.HttpError_Unreachable: ConnectError,
    wit_http.HttpError_Timeout: TimeoutException,
    wit_http.HttpError_Limit: HttpLimit,
}


def write_log(level: str, line: str) -> None:
    """Adds a line to the run's log."""
    wit_logging.log(_LEVELS[level], line)


def crossing(failure: Failure) -> Err:
    """A failure as the exception that leaves the component as `strategy-error`; any other would be a trap."""
    return Err(
        StrategyError(failure.kind, failure.message, failure.traceback, failure.file, failure.line, failure.column)
    )


def checked(texts: str) -> str:
    """The texts, looked at once more: a strategy can replace whatever made them, and what the boundary cannot carry would abort
    the guest.
    """
    if not _is_ascii(texts):
        _encode(texts)
    return texts


_encode, _is_ascii = str.encode, str.isascii


class HostTransport:
    """Requests through the host, all of a batch at the same time."""

    def send(self, requests: Sequence[Request]) -> list[Answer | RequestError]:
        return [_outcome(result) for result in wit_http.send([_checked(request) for request in requests])]


def _checked(request: Request) -> object:
    """Built once more, since a strategy can make a `Request` of anything."""
    seconds = request.timeout_ms / 1000 if request.timeout_ms else None
    sure = build(request.method, request.url, headers=request.headers, content=request.body, timeout=seconds)
    return wit_http.Request(sure.method, sure.url, list(sure.headers), sure.body, sure.timeout_ms)


def _outcome(result: object) -> Answer | RequestError:
    value = result.value  # type: ignore[attr-defined]
    if isinstance(result, Err):
        return _ERRORS[type(value)](value.value)
    return Answer(value.status, tuple(value.headers), value.body, value.url)
