"""An answer, which is there at once or when it is needed."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Generator
from dataclasses import dataclass
from email.message import Message as _ContentType
from typing import Any

from stratagem.http import _queue
from stratagem.http._errors import HTTPStatusError, RequestError
from stratagem.http._headers import Headers
from stratagem.http._request import Request


@dataclass(frozen=True)
class Answer:
    """What came back, as it came."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    url: str = ""
    """Where redirects ended."""


class Response:
    """The answer to a request. `await` it in async code; elsewhere it is there when it is returned.

    In async code that does not await it, it is fetched when it is first looked at.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self._outcome: Answer | RequestError | None = None

    def __await__(self) -> Generator[Any, None, Response]:
        if self._outcome is None:
            yield from _queue.wait_until_sent()
        self._answer()
        return self

    def _answer(self) -> Answer:
        if self._outcome is None:
            _queue.send_all_queued()
        if isinstance(self._outcome, RequestError):
            _queue.met(self)
            raise self._outcome.with_traceback(None)
        assert self._outcome is not None
        return self._outcome

    @property
    def status_code(self) -> int:
        return self._answer().status

    @property
    def headers(self) -> Headers:
        return Headers(self._answer().headers)

    @property
    def content(self) -> bytes:
        return self._answer().body

    @property
    def url(self) -> str:
        """Where redirects ended."""
        return self._answer().url or self.request.url

    @property
    def encoding(self) -> str:
        """The charset of the content type, else UTF-8."""
        parsed = _ContentType()
        parsed["content-type"] = self.headers.get("content-type", "")
        charset = parsed.get_content_charset("utf-8")
        try:
            "".encode(charset)
        except LookupError:
            return "utf-8"
        return charset

    @property
    def text(self) -> str:
        return self.content.decode(self.encoding, "replace")

    def json(self, **kwargs: Any) -> Any:
        """The body read as JSON. Raises `json.JSONDecodeError`, a `ValueError`, where it is none."""
        return jsonlib.loads(self.content, **kwargs)

    @property
    def is_success(self) -> bool:
        """2xx"""
        return 200 <= self.status_code < 300

    @property
    def is_error(self) -> bool:
        """4xx or 5xx"""
        return self.status_code >= 400

    ok = is_success

    def raise_for_status(self) -> Response:
        """Itself, or `HTTPStatusError` for 4xx and 5xx."""
        if self.is_error:
            message = f"{self.request.method} {self.url} answered {self.status_code}"
            raise HTTPStatusError(message, response=self)
        return self

    def __repr__(self) -> str:
        outcome = self._outcome
        state = "not sent yet" if outcome is None else getattr(outcome, "status", type(outcome).__name__)
        return f"<Response [{state}] {self.request.method} {self.request.url}>"
