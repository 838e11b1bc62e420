"""A request, made from httpx's arguments, and the port that sends it."""

from __future__ import annotations

import json as jsonlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode, urlsplit

from stratagem.http._errors import InvalidRequest, RequestError

if TYPE_CHECKING:
    from stratagem.http._response import Answer

HeaderTypes = Mapping[str, str] | Iterable[tuple[str, str]]
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LONGEST_MS = 2**32 - 1
_LARGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Request:
    """One request, checked: nothing in it is refused by the boundary for its form."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    timeout_ms: int | None = None
    """For the whole call. The host's own limit holds where it is shorter."""


class Transport(Protocol):
    """Sends requests at the same time, and gives their answers, or why there is none, in the same order."""

    def send(self, requests: Sequence[Request]) -> Sequence[Answer | RequestError]: ...


def build(
    method: str,
    url: str,
    *,
    params: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
    headers: HeaderTypes | None = None,
    content: str | bytes | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    json: Any = None,
    timeout: float | None = None,
) -> Request:
    """The request of these arguments, which are httpx's. Raises `InvalidRequest` for what cannot be sent."""
    body, content_type = _body(content, data, json)
    if body is not None and len(body) > _LARGEST_BODY:
        raise InvalidRequest(f"the body has {len(body):,} bytes, {_LARGEST_BODY:,} can be sent")
    fields = _fields(headers)
    if content_type and not any(name.lower() == "content-type" for name, _ in fields):
        fields.append(("content-type", content_type))
    return Request(_method(method), _url(url, params), tuple(fields), body, _milliseconds(timeout))


def _method(method: str) -> str:
    if not isinstance(method, str) or not _TOKEN.fullmatch(method):
        raise InvalidRequest(f"{method!r} is no HTTP method")
    # The base class's own: a subclass may answer with what is no text.
    return str.upper(method)


def _url(url: str, params: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> str:
    url = _text(url, "the URL")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidRequest(f"{url!r} is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidRequest(f"{url!r} is no absolute http or https URL")
    if not params:
        return url
    try:
        query = urlencode(list(params.items()) if isinstance(params, Mapping) else list(params), doseq=True)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"params cannot be put in a URL: {error}") from None
    return parts._replace(query="&".join(filter(None, (parts.query, query)))).geturl()


def _fields(headers: HeaderTypes | None) -> list[tuple[str, str]]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    fields = [(_text(name, "a header's name"), _text(value, f"header {name!r}")) for name, value in pairs]
    for name, value in fields:
        if not _TOKEN.fullmatch(name) or any(c in value for c in "\r\n\0"):
            raise InvalidRequest(f"header {name!r} is malformed")
    return fields


def _body(content: Any, data: Any, json: Any) -> tuple[bytes | None, str | None]:
    """The body's bytes, and the content type that goes with it."""
    if json is not None:
        try:
            return jsonlib.dumps(json, allow_nan=False).encode(), "application/json"
        except (TypeError, ValueError) as error:
            raise InvalidRequest(f"json= cannot be sent: {error}") from None
    if isinstance(data, Mapping):
        try:
            return urlencode(data, doseq=True).encode(), "application/x-www-form-urlencoded"
        except (TypeError, ValueError) as error:
            raise InvalidRequest(f"data= cannot be sent: {error}") from None
    raw = content if content is not None else data
    if raw is None:
        return None, None
    if isinstance(raw, (bytes, bytearray, memoryview)):
        return bytes(raw), None
    return _text(raw, "the body").encode(), None


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{what} must be text, not {type(value).__name__}")
    text = str.__str__(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest(f"{what} holds a lone surrogate, which is no text") from None
    return text


def _milliseconds(timeout: Any) -> int | None:
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not math.isfinite(timeout) or timeout <= 0:
        raise InvalidRequest(f"timeout must be a positive number of seconds, not {timeout!r}")
    return min(max(1, round(float(timeout) * 1000)), _LONGEST_MS)
