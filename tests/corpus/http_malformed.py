# Smuggles line breaks, NULs, lone surrogates and wrong types into every part of a request.
# outcome: ok
# contained: "refused"

from stratagem import http

OPTIONS = [
    {"headers": {"X": "a\r\nHost: evil"}},
    {"headers": {"X\r\nHost": "evil"}},
    {"headers": {"X": "\ud800"}},
    {"headers": {"X": "a\0"}},
    {"headers": {1: 2}},
    {"content": "\ud800"},
    {"data": {"a": "\ud800"}},
    {"json": float("nan")},
    {"json": object()},
    {"params": {"\ud800": 1}},
    {"timeout": float("inf")},
    {"timeout": -1},
    {"timeout": 10**300},
    {"timeout": "soon"},
]


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "refused"
    for url in ("https://example.com/", "https://example.com/\ud800", "https://a/\r\nX: y", "https://a\0b/", None, 5):
        for options in OPTIONS:
            try:
                http.post(url, **options)
                contact.results["out"] = f"reached with {options}"
            except http.HTTPError:
                pass
    try:
        http.request("GET / HTTP/1.1\r\nX: y\r\n", "https://example.com/")
        contact.results["out"] = "reached with a method"
    except http.HTTPError:
        pass
    return contact
