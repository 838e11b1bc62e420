"""HTTP requests, made by the host on the strategy's behalf: `from stratagem import http`.

In an `async def` hook, await them; several in one `asyncio.gather` are made at the same time:

    customer, orders = await asyncio.gather(http.get(f"{API}/customers/7"), http.get(f"{API}/orders?customer=7"))

In a plain `def` hook they simply return the response. An answer of any status code is a response; only
`raise_for_status()` makes an exception of 4xx and 5xx. The host allows the hosts on the tenant's list, 10 requests a
run, 1 MiB an answer and 5 s each. `{{secret:NAME}}` in a header or the body is filled in by the host.
"""

from __future__ import annotations

from stratagem.http._errors import (
    ConnectError,
    HttpLimit,
    HTTPError,
    HTTPStatusError,
    InvalidRequest,
    RequestDenied,
    RequestError,
    TimeoutException,
)
from stratagem.http._fake import Fake
from stratagem.http._headers import Headers
from stratagem.http._queue import use
from stratagem.http._request import Request, Transport
from stratagem.http._response import Answer, Response
from stratagem.http._verbs import delete, get, head, options, patch, post, put, request

__all__ = [
    "Answer",
    "ConnectError",
    "Fake",
    "HTTPError",
    "HTTPStatusError",
    "Headers",
    "HttpLimit",
    "InvalidRequest",
    "Request",
    "RequestDenied",
    "RequestError",
    "Response",
    "TimeoutException",
    "Transport",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "request",
    "use",
]
