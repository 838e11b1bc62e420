"""urllib.error: by name, for code that catches it."""

import io
from email.message import Message
from urllib.error import ContentTooShortError, HTTPError, URLError


def test_what_catches_what():
    assert issubclass(HTTPError, URLError) and issubclass(URLError, OSError)
    assert issubclass(ContentTooShortError, URLError)
    error = URLError("no route")
    assert str(error) == "<urlopen error no route>" and error.reason == "no route"


def test_an_http_error_is_also_an_answer():
    headers = Message()
    headers["Retry-After"] = "5"
    with HTTPError("https://h/", 429, "Too Many Requests", headers, io.BytesIO(b"slow down")) as error:
        assert (error.code, error.reason, str(error)) == (429, "Too Many Requests", "HTTP Error 429: Too Many Requests")
        assert error.headers["retry-after"] == "5" and error.read() == b"slow down" and error.url == "https://h/"
