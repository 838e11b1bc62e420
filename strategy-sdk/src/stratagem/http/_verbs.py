"""The calls of the package, one a method. Their keyword arguments are httpx's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

from stratagem.http import _queue
from stratagem.http._request import HeaderTypes, build
from stratagem.http._response import Response


class Options(TypedDict, total=False):
    """What every call takes."""

    params: Mapping[str, Any] | Iterable[tuple[str, Any]] | None
    """Added to the URL's query."""
    headers: HeaderTypes | None
    timeout: float | None
    """Seconds for the whole call; never longer than the host's own limit."""


class BodyOptions(Options, total=False):
    """What a call with a body takes beside that, one of three."""

    json: Any
    data: Mapping[str, Any] | str | bytes | None
    """A mapping is sent as a form."""
    content: str | bytes | None


def request(method: str, url: str, **options: Unpack[BodyOptions]) -> Response:
    """Makes a request of any method."""
    response = Response(build(method, url, **options))
    _queue.add(response)
    return response


def get(url: str, **options: Unpack[Options]) -> Response:
    return request("GET", url, **options)


def head(url: str, **options: Unpack[Options]) -> Response:
    return request("HEAD", url, **options)


def options(url: str, **options: Unpack[Options]) -> Response:
    return request("OPTIONS", url, **options)


def post(url: str, **options: Unpack[BodyOptions]) -> Response:
    return request("POST", url, **options)


def put(url: str, **options: Unpack[BodyOptions]) -> Response:
    return request("PUT", url, **options)


def patch(url: str, **options: Unpack[BodyOptions]) -> Response:
    return request("PATCH", url, **options)


def delete(url: str, **options: Unpack[BodyOptions]) -> Response:
    return request("DELETE", url, **options)
