"""The machine's own network, for strategies that are tried on a desktop. Never part of the runtime."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from stratagem.http._errors import ConnectError, RequestError, TimeoutException
from stratagem.http._request import Request
from stratagem.http._response import Answer

_DEFAULT_SECONDS = 5.0


class UrllibTransport:
    """Sends with the standard library, a thread a request."""

    def send(self, requests: Sequence[Request]) -> list[Answer | RequestError]:
        with ThreadPoolExecutor(max_workers=min(10, len(requests))) as pool:
            return list(pool.map(_send, requests))


def _send(request: Request) -> Answer | RequestError:
    prepared = urllib.request.Request(
        request.url, data=request.body, headers=dict(request.headers), method=request.method
    )
    seconds = request.timeout_ms / 1000 if request.timeout_ms else _DEFAULT_SECONDS
    try:
        with urllib.request.urlopen(prepared, timeout=seconds) as answer:
            return Answer(answer.status, tuple(answer.headers.items()), answer.read(), answer.url)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, tuple(error.headers.items()), error.read(), error.url or request.url)
    except TimeoutError as error:
        return TimeoutException(f"{request.url}: {error}")
    except OSError as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return TimeoutException(f"{request.url}: {reason}")
        return ConnectError(f"{request.url}: {reason}")
