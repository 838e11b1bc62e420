"""Requests that wait to be sent, so that those of one `asyncio.gather` go out together.

A request in async code is queued when it is made. The first await asks the loop for a turn after every task that is ready
now: by then the other tasks have queued theirs, and all are sent as one batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from stratagem.http._errors import ConnectError, RequestError

if TYPE_CHECKING:
    from stratagem.http._request import Request, Transport
    from stratagem.http._response import Answer, Response

_transport: Transport | None = None
_queued: list[Response] = []
_failed: list[Response] = []
"""Those without an answer whose error nobody has met yet."""
_turn: asyncio.Future[None] | None = None


def use(transport: Transport | None) -> Transport | None:
    """Sends requests through this transport from now on; None stands for the machine's own network. Returns the old one."""
    global _transport
    old, _transport = _transport, transport
    return old


def add(response: Response) -> None:
    """Fetches the response at once in plain code, with the next batch where a loop is running."""
    _queued.append(response)
    if not _in_async_code():
        send_all_queued()
        response._answer()


def send_all_queued() -> None:
    """Sends what waits, as one batch."""
    batch = _queued[:]
    _queued.clear()
    if batch:
        outcomes = _send([response.request for response in batch])
        for response, outcome in zip(batch, outcomes, strict=True):
            response._outcome = outcome
            if isinstance(outcome, RequestError):
                _failed.append(response)


def _send(requests: list[Request]) -> Sequence[Answer | RequestError]:
    try:
        return _current_transport().send(requests)
    except RequestError as error:
        return [error] * len(requests)


def met(response: Response) -> None:
    """The error of this response has been raised where somebody could catch it."""
    if response in _failed:
        _failed.remove(response)


def take_failed() -> list[Response]:
    """Sends what waits, and gives all those whose error nobody has met."""
    if not _queued and not _failed:
        return []
    send_all_queued()
    failed = _failed[:]
    _failed.clear()
    return failed


def wait_until_sent() -> Generator[Any, None, None]:
    """What an awaited response yields from: one turn that all awaiting tasks share."""
    global _turn
    loop = asyncio.get_running_loop()
    if _turn is None or _turn.done() or _turn.get_loop() is not loop:
        _turn = loop.create_future()
        loop.call_soon(_send_when_quiet, _turn, 0)
    yield from asyncio.shield(_turn).__await__()


def _send_when_quiet(turn: asyncio.Future[None], seen: int) -> None:
    """Gives other tasks one more round as long as that brings more requests."""
    if len(_queued) > seen:
        turn.get_loop().call_soon(_send_when_quiet, turn, len(_queued))
        return
    try:
        send_all_queued()
    finally:
        if not turn.done():
            turn.set_result(None)


def forget() -> None:
    """Drops what waits, as between two runs."""
    global _turn
    _queued.clear()
    _failed.clear()
    _turn = None


def _in_async_code() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _current_transport() -> Transport:
    if _transport is not None:
        return _transport
    try:
        from stratagem.http._urllib import UrllibTransport
    except ImportError:
        raise ConnectError("there is no network here") from None
    return UrllibTransport()
