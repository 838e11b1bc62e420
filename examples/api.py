"""The HTTP API, as far as the examples need it. Python 3.11 and its standard library."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any


class ApiError(Exception):
    """The server said no, in its own words; or there is no server."""


class Api:
    """The calls of `/api/v1`, with the token that decides tenant and role."""

    def __init__(self, url: str, token: str, timeout: float = 60) -> None:
        self.url = url.rstrip("/")
        self.base = self.url + "/api/v1"
        self.token = token
        self.timeout = timeout

    def call(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """One call. `body` is sent as JSON unless it is bytes already."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise ApiError(f"{method} {path} was answered {error.code}: {problem(error.read())}") from None
        except (urllib.error.URLError, OSError) as error:
            raise ApiError(f"{method} {path} failed: {getattr(error, 'reason', error)}") from None
        return json.loads(text) if text else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body)

    def list(self, path: str) -> Iterator[dict]:
        """All items of a list, page by page."""
        cursor = None
        while True:
            query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            page = self.get(f"{path}{'&' if '?' in path else '?'}{urllib.parse.urlencode(query)}")
            yield from page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return


def problem(body: bytes) -> str:
    """A problem document (RFC 9457) as one line and one more for each field."""
    try:
        document = json.loads(body)
        lines = [document.get("detail") or document.get("title") or ""]
        for error in document.get("errors") or []:
            place = error.get("field") or ":".join(str(error[key]) for key in ("line", "column") if key in error)
            lines.append(f"  {place}: {error.get('message')}")
        return "\n".join(lines)
    except (ValueError, AttributeError):
        return body[:500].decode(errors="replace")
