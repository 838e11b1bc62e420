# Puts requests together without the checks, with fields that the boundary cannot carry.
# outcome: ok
# contained: ["refused", "refused", "refused", "refused"]

from stratagem import http


def run(contact, existing_contact, logger, **kwargs):
    transport = http.use(None)
    contact.results["out"] = out = []
    for request in (
        http.Request("GET", "https://example.com/\ud800"),
        http.Request("GET", "https://example.com/", (("a", "\ud800"),)),
        http.Request("GET", "https://example.com/", body=5),
        http.Request("GET", "https://example.com/", timeout_ms=-5),
    ):
        try:
            out.append(repr(transport.send([request])))
        except http.HTTPError:
            out.append("refused")
    return contact
