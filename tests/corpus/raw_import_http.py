# Calls the host's HTTP function directly, with a request that the SDK would refuse.
# outcome: ok
# contained: "refused"

import logging


def run(contact, existing_contact, logger, **kwargs):
    raw = logging.getLogger().handlers[0]._write.__globals__["wit_http"]
    answers = raw.send([raw.Request("GET /\r\nHost: a", "file:///etc/passwd", [("a\r\nb", "\0")], b"x" * 1000, 0)] * 100)
    statuses = {getattr(answer.value, "status", "refused") for answer in answers}
    contact.results["out"] = ", ".join(map(str, statuses))
    return contact
