# Makes a request while it is loaded, that is already when the source is uploaded.
# outcome: ok
# contained: "refused"

from stratagem import http

try:
    http.get("https://example.com/")
    SEEN = "reached"
except http.HTTPError:
    SEEN = "refused"


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = SEEN
    return contact
