from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from conftest import Run

from stratagem import http

A, B, C = (f"https://api.example/{name}" for name in "abc")


def test_plain_code_gets_the_response_at_once() -> None:
    with http.Fake({A: {"score": 12}}) as fake:
        response = http.get(A, headers={"X-Key": "{{secret:CRM}}"}, timeout=1.5)
        assert len(fake.batches) == 1
    assert (response.status_code, response.json(), response.ok) == (200, {"score": 12}, True)
    assert response.headers["Content-Type"] == "application/json"
    assert fake.requests == [http.Request("GET", A, (("X-Key", "{{secret:CRM}}"),), None, 1500)]


def test_plain_code_gets_the_exception_at_once() -> None:
    with http.Fake({A: http.TimeoutException("5 s")}), pytest.raises(http.TimeoutException):
        http.get(A)


def test_gathered_requests_are_one_batch() -> None:
    async def fetch(url: str) -> Any:
        return (await http.get(url)).json()

    async def main() -> Any:
        plain = await asyncio.gather(http.get(A), http.get(B))
        return [r.json() for r in plain], await asyncio.gather(fetch(A), asyncio.gather(fetch(B), fetch(C)))

    with http.Fake({A: 1.0, B: 2.0, C: 3.0}) as fake:
        assert asyncio.run(main()) == ([1, 2], [1, [2, 3]])
    assert [len(batch) for batch in fake.batches] == [2, 3]


def test_a_failure_is_raised_where_it_is_awaited() -> None:
    async def main() -> Any:
        return await asyncio.gather(http.get(A), http.get(B), return_exceptions=True)

    with http.Fake({A: 204, B: http.RequestDenied("not on the list")}):
        good, bad = asyncio.run(main())
    assert good.status_code == 204
    assert isinstance(bad, http.RequestDenied)


def test_async_code_may_look_without_awaiting() -> None:
    async def main() -> Any:
        return http.get(A).json()

    with http.Fake({A: {"ok": True}}):
        assert asyncio.run(main()) == {"ok": True}


def test_a_cancelled_wait_leaves_the_others_alone() -> None:
    async def main() -> Any:
        first = asyncio.ensure_future(http.get(A))
        second = asyncio.ensure_future(http.get(B))
        await asyncio.sleep(0)
        first.cancel()
        return (await second).status_code

    with http.Fake({A: 200, B: 201}):
        assert asyncio.run(main()) == 201


def test_requests_that_nobody_awaits_are_sent_before_the_end(run: Run) -> None:
    source = f"async def run(contact, existing_contact, http):\n    http.post('{A}', json=1)\n    http.post('{B}')\n    return contact"
    with http.Fake({A: 200}) as fake:
        _, lines = run(source)
    assert [request.url for request in fake.requests] == [A, B]
    assert lines == [("warning", f"POST {B} was not awaited and failed: no answer was prepared for {B}")]


def test_a_failure_in_somebody_elses_batch_is_told(run: Run) -> None:
    source = f"async def run(contact, existing_contact, http):\n    http.post('{B}')\n    await http.get('{A}')\n    return contact"
    with http.Fake({A: 200}):
        _, lines = run(source)
    assert lines == [("warning", f"POST {B} was not awaited and failed: no answer was prepared for {B}")]


def test_raise_for_status() -> None:
    with http.Fake({A: 404, B: 302}):
        with pytest.raises(http.HTTPStatusError, match="GET https://api.example/a answered 404") as caught:
            http.get(A).raise_for_status()
        assert caught.value.response.is_error
        assert http.get(B).raise_for_status().status_code == 302


def test_text_follows_the_charset() -> None:
    answer = http.Answer(200, (("content-type", "text/plain; charset=ISO-8859-1"),), "grün".encode("latin-1"))
    unknown = http.Answer(200, (("content-type", "text/plain; charset=none-such"),), "grün".encode())
    with http.Fake({A: answer, B: unknown}):
        assert http.get(A).text == http.get(B).text == "grün"


def test_headers_join_what_came_twice() -> None:
    headers = http.Headers([("Set-Cookie", "a"), ("set-cookie", "b")])
    assert headers["SET-COOKIE"] == "a, b" and headers.get_list("Set-Cookie") == ["a", "b"]
    assert list(headers) == ["set-cookie"] and len(headers) == 1 and "x" not in headers


@pytest.mark.parametrize(
    ("options", "body", "content_type"),
    [
        ({"json": {"a": 1}}, b'{"a": 1}', "application/json"),
        ({"data": {"a": "b c"}}, b"a=b+c", "application/x-www-form-urlencoded"),
        ({"content": "grün"}, "grün".encode(), None),
        ({"content": b"raw", "headers": {"Content-Type": "x/y"}}, b"raw", "x/y"),
        ({}, None, None),
    ],
)
def test_bodies(options: dict[str, Any], body: bytes | None, content_type: str | None) -> None:
    with http.Fake({A: 200}) as fake:
        http.post(A, **options)
    [request] = fake.requests
    assert request.body == body
    assert http.Headers(request.headers).get("content-type") == content_type


def test_params_are_added_to_the_query() -> None:
    with http.Fake({f"{A}?x=1&y=a+b&z=1&z=2": 200}):
        assert http.get(f"{A}?x=1", params={"y": "a b", "z": [1, 2]}).ok


@pytest.mark.parametrize(
    ("method", "url", "options"),
    [
        ("GET", "/relative", {}),
        ("GET", "file:///etc/passwd", {}),
        ("GET", "https://[bad", {}),
        ("GET", "https://x/\ud800", {}),
        ("GET", 5, {}),
        ("GE T", A, {}),
        ("GET", A, {"headers": {"X": "a\r\nY: b"}}),
        ("GET", A, {"headers": {"X": 5}}),
        ("GET", A, {"headers": {"Ü": "x"}}),
        ("GET", A, {"timeout": 0}),
        ("GET", A, {"timeout": float("nan")}),
        ("POST", A, {"json": {1, 2}}),
        ("POST", A, {"content": "\ud800"}),
        ("POST", A, {"content": 5}),
    ],
)
def test_what_the_boundary_cannot_carry_is_refused(method: str, url: Any, options: dict[str, Any]) -> None:
    with http.Fake({}) as fake, pytest.raises(http.InvalidRequest):
        http.request(method, url, **options)
    assert fake.requests == []


class Echo(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(418 if self.path == "/teapot" else 200)
        self.send_header("X-Path", self.path)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def echo() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_desktop_uses_its_own_network(echo: str) -> None:
    response = http.post(f"{echo}/a", json={"x": 1})
    assert (response.json(), response.headers["x-path"]) == ({"x": 1}, "/a")
    assert http.post(f"{echo}/teapot", content=b"").status_code == 418
    with pytest.raises(http.ConnectError):
        http.get("http://127.0.0.1:9/")
