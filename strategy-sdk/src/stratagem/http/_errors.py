"""Why there is no answer, or none that was wanted. Names that httpx has too mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stratagem.http._response import Response


class HTTPError(Exception):
    """Everything that this package raises."""


class RequestError(HTTPError):
    """There is no answer."""


class InvalidRequest(RequestError):
    """The URL, method, a header or the body is malformed."""


class RequestDenied(RequestError):
    """The tenant's allow-list or the address rules say no."""


class ConnectError(RequestError):
    """No connection, or it broke."""


class TimeoutException(RequestError):
    """No answer in time."""


class HttpLimit(RequestError):
    """More requests than a run may make, or an answer larger than it may be."""


class HTTPStatusError(HTTPError):
    """`raise_for_status` met a 4xx or 5xx answer."""

    def __init__(self, message: str, *, response: Response) -> None:
        super().__init__(message)
        self.response = response


for _error in (HTTPError, RequestError, InvalidRequest, RequestDenied, ConnectError, TimeoutException, HttpLimit):
    # Tracebacks show the name that a strategy would write.
    _error.__module__ = "stratagem.http"
HTTPStatusError.__module__ = "stratagem.http"
